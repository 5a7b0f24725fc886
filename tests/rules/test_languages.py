"""Languages are BCP 47 tags, currencies those of ISO 4217: by data that is not old."""

from datetime import UTC, datetime, timedelta

import iso4217
import pytest

from marquee.core import languages, money


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("en", "en"), ("EN", "en"), ("pt-br", "pt-BR"), ("es-419", "es-419"), ("zh-hant-tw", "zh-Hant-TW"),
        ("ca-valencia", "ca-valencia"), ("de-1996", "de-1996"), ("iw", "he"), ("zh-yue", "yue"),
        ("i-klingon", "tlh"), ("en-gb-oed", "en-GB-oxendict"), ("x-klingon", "x-klingon"),
        ("en-x-pirate", "en-x-pirate"), ("qaa", "qaa"), ("zxx", "zxx"), ("sgn-ase", "sgn-ase"), (" de ", "de"),
    ],
)  # fmt: skip
def test_a_language_of_bcp_47_is_stored_in_its_usual_form(typed, stored):
    assert languages.normalise_language(typed) == stored
    assert languages.normalise_language(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "", "x", "xx", "English", "en_US", "en-USA", "en--US", "en-", "-en", "zh-cmn-8cv", "zz-ZZ", "de-ZZZZZ", "ｅｎ",
        "de-1996-1996", "en fr", "e\0n", "en-" + "x" * 40,
    ],
)  # fmt: skip
def test_nonsense_is_no_language(typed):
    with pytest.raises(ValueError, match="BCP 47"):
        languages.normalise_language(typed)


def test_a_variety_is_a_language_of_its_kind():
    assert languages.is_variety("pt-BR", "pt")
    assert languages.is_variety("pt", "pt")
    assert not languages.is_variety("pt", "pt-BR")
    assert not languages.is_variety("pth", "pt")


@pytest.mark.parametrize("code", ["EUR", "XCG", "ZWG", "SLE", "VED", "XOF", "XPF"])
def test_currencies_that_people_pay_with_now_are_current(code):
    assert money.is_current(code)


@pytest.mark.parametrize("code", ["HRK", "ITL", "DDM", "ANG", "BGN", "DEM", "XEU"])
def test_currencies_of_the_past_are_not(code):
    assert not money.is_current(code)


@pytest.mark.parametrize(
    "code",
    ["XAU", "XXX", "XTS", "XDR", "XSU", "XUA", "XAD", "CLF", "USN", "CHE", "eur", "", "EURO"],
)
def test_nobody_pays_with_metals_funds_and_units_of_account(code):
    assert not money.is_current(code)


@pytest.mark.parametrize(
    ("code", "digits"),
    [("EUR", 2), ("JPY", 0), ("KWD", 3), ("IQD", 3), ("ISK", 0), ("XCG", 2), ("UGX", 0), ("HRK", 2)],
)  # fmt: skip
def test_a_currency_has_the_decimals_of_iso_4217(code, digits):
    assert money.minor_digits(code) == digits


def test_the_data_is_not_old():
    """When this fails: `make lock`, for a newer release of iso4217."""
    assert datetime.now(UTC).date() - iso4217.__published__ < timedelta(days=540)
