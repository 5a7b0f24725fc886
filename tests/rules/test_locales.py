"""Times, money and languages as people of a place write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from marquee.core import locales
from marquee.core.money import Money

EVENING = (2026, 11, 24, 20, 15)


@pytest.mark.parametrize(
    ("language", "zone", "locale"),
    [
        ("en", "Europe/London", "en_GB"),
        ("en", "America/New_York", "en_US"),
        ("en", "Australia/Sydney", "en_AU"),
        ("en", "Europe/Vienna", "en_GB"),
        ("en", "Asia/Tokyo", "en_GB"),
        ("de", "Europe/Vienna", "de_AT"),
        ("de", "Europe/Zurich", "de_CH"),
        ("de", "America/New_York", "de"),
        ("de", "", "de"),
        ("en", "", "en_GB"),
        ("en", "No/Where", "en_GB"),
    ],
)
def test_the_forms_are_those_of_the_place_where_it_speaks_the_language(language, zone, locale):
    assert str(locales.locale_of(language, zone)) == locale


@pytest.mark.parametrize(
    ("language", "zone", "moment", "short"),
    [
        ("en", "Europe/London", "Tuesday, 24 November 2026, 20:15", "Tue 24 Nov, 20:15"),
        (
            "en",
            "America/New_York",
            "Tuesday, November 24, 2026, 8:15\u202fPM",
            "Tue, Nov 24, 8:15\u202fPM",
        ),
        (
            "de",
            "Europe/Berlin",
            "Dienstag, 24. November 2026, 20:15 Uhr",
            "Di., 24. Nov., 20:15 Uhr",
        ),
    ],
)
def test_a_time_has_its_weekday_and_the_language_s_own_form(language, zone, moment, short):
    local, locale = datetime(*EVENING, tzinfo=ZoneInfo(zone)), locales.locale_of(language, zone)
    assert locales.format_moment(local, locale) == moment
    day, clock = locales.format_short_day(local, locale), locales.format_clock(local, locale)
    assert f"{day}, {clock}" == short


@pytest.mark.parametrize(
    ("money", "english", "german"),
    [
        (Money(1250, "EUR"), "€12.50", "12,50\xa0€"),
        (Money(0, "EUR"), "€0.00", "0,00\xa0€"),
        (Money(123456789, "EUR"), "€1,234,567.89", "1.234.567,89\xa0€"),
        (Money(150050, "HUF"), "HUF1,500.50", "1.500,50\xa0HUF"),
        (Money(1500, "JPY"), "JP¥1,500", "1.500\xa0¥"),
        (Money(12345, "KWD"), "KWD12.345", "12,345\xa0KWD"),
        (Money(5000, "XCG"), "Cg.50.00", "50,00\xa0Cg."),
    ],
)
def test_money_has_all_decimals_of_its_currency(money, english, german):
    assert locales.format_money(money, locales.locale_of("en", "Europe/London")) == english
    assert locales.format_money(money, locales.locale_of("de", "Europe/Berlin")) == german


@pytest.mark.parametrize(
    ("tag", "german"),
    [
        ("en", "Englisch"),
        ("pt-BR", "Portugiesisch (Brasilien)"),
        ("yue", "Kantonesisch"),
        ("zh-Hant", "Chinesisch (Traditionell)"),
        ("gsw-u-sd-chzh", "Schweizerdeutsch"),
        ("qaa", "qaa"),
    ],
)
def test_a_language_has_its_name_in_the_reader_s_language(tag, german):
    assert locales.language_name(tag, locales.locale_of("de", "")) == german


def test_the_known_language_is_the_first_that_there_is():
    assert locales.known_language("zz", "", "de", "en") == "de"
    assert locales.known_language("zz", "") == "en"
