"""What holds for every mail, in both languages: see marquee/mail/examples.py."""

import re

import pytest
from django.conf import settings

from marquee.booking.models import Ticket
from marquee.core.translations import read_catalog
from marquee.mail.contents import compose
from marquee.mail.examples import examples
from marquee.mail.states import MailKind
from tests.mail.texts.mails import both, received, said, seen

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _ in settings.LANGUAGES]
HEADERS = {
    "Subject", "From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Language",
    "Auto-Submitted", "X-Auto-Response-Suppress",
}  # fmt: skip
ENGLISH = {
    "the",
    "your",
    "you",
    "it",
    "is",
    "are",
    "not",
    "seats",
    "tickets",
    "booking",
    "booked",
    "show",
    "movie",
    "when",
    "where",
    "until",
    "cancel",
    "cancelled",
    "password",
    "address",
    "account",
    "link",
    "time",
    "adult",
    "child",
    "total",
    "reference",
    "hello",
    "english",
    "german",
    "monday",
    "saturday",
    "december",
    "subtitles",
    "version",
    "and",
    "or",
    "by",
    "to",
    "with",
} - {"link", "version"}  # fmt: skip  (German has these, too)
GERMAN = {"sie", "ihre", "ihr", "uhr", "und", "plätze", "der", "die", "wann", "ortszeit"}
EXAMPLE_WORDS = {"das", "boot", "am", "saal"}  # of the names of the example


@pytest.fixture(params=LANGUAGES)
def mails(request):
    """Every mail in one language, by name."""
    written = {name: compose(message) for name, message in examples(request.param)}
    return request.param, written


def words(text):
    """Return words as wholes: a reference such as K7BY2MX4 has none."""
    return re.findall(r"\b[^\W\d_]+\b", text.lower())


def without_links(text):
    """Return a text without URLs, whose random tokens may spell anything."""
    return re.sub(r"https?://[^\s\"<]+", "…", text)


def test_there_is_an_example_of_every_kind(mails):
    _, written = mails
    missing = {kind.name.lower() for kind in MailKind} - written.keys()
    assert missing == set()
    assert None not in written.values()


def test_another_library_reads_it_as_one_text_and_one_html_to_one_reader(mails):
    language, written = mails
    for name, mail in written.items():
        parsed = received(mail)
        assert set(parsed.headers) == HEADERS, name
        assert len(parsed.to) == 1
        assert (len(parsed.text_plain), len(parsed.text_html), parsed.attachments) == (1, 1, [])
        assert parsed.headers["Content-Language"] == language
        assert parsed.subject == mail.subject
        assert parsed.defects == []
        assert f'<html lang="{language}">' in parsed.text_html[0]


def test_text_and_html_say_the_same(mails):
    _, written = mails
    for name, mail in written.items():
        text, html = both(mail)
        for line in (" ".join(line.split()).rstrip(":") for line in text.splitlines()):
            label, colon, value = line.partition(": ")
            parts = [label, value] if colon and line not in seen(html) else [line.strip("-")]
            assert [part for part in parts if part not in seen(html)] == [], name
        extra = {"if the button", "wenn der knopf"}
        unsaid = [
            cell
            for cell in re.findall(r"(?s)<(?:p|td|th|h1)[ >].*?</", html)
            if seen(f"<{cell[1:]}p>") not in " ".join(text.split())
            and not any(start in cell.lower() for start in extra)
        ]
        assert unsaid == [], name


def test_no_variable_is_left(mails):
    _, written = mails
    for mail in written.values():
        text, html = both(mail)
        for rest in ("{{", "{%", "%(", "None", "&lt;", "&amp;amp;", "<Locale", "\n\n\n"):
            assert rest not in without_links(text)
            assert rest not in without_links(seen(html))


def test_a_mail_is_in_one_language(mails):
    language, written = mails
    others = {"de": ENGLISH, "en": GERMAN}[language]
    for name, mail in written.items():
        text = without_links(said(mail)).replace("localhost", "")
        assert set(words(text)) & others - EXAMPLE_WORDS == set(), name
        html = without_links(seen(both(mail)[1]))
        assert set(words(html)) & others - EXAMPLE_WORDS == set(), name


def test_no_english_message_is_in_a_german_mail(mails):
    language, written = mails
    if language == "de":
        same = {"Version", "Tickets"}
        english = [
            message.id
            for message in read_catalog("de")
            if message.id and isinstance(message.id, str) and message.id != message.string
        ]
        for name, mail in written.items():
            lines = said(mail).splitlines()
            assert [one for one in english if one in lines and one not in same] == [], name


def test_nothing_is_loaded_from_elsewhere_and_every_link_is_ours(mails):
    _, written = mails
    for mail in written.values():
        html = both(mail)[1]
        assert (
            re.findall(r"(?i)<(?:img|script|link|iframe|object|form)\b|url\(|@import|src=", html)
            == []
        )
        links = re.findall(r'href="([^"]*)"', html) + re.findall(r"https?://\S+", both(mail)[0])
        assert all(link.startswith(f"{settings.SITE_URL}/") for link in links)


def test_it_holds_no_more_personal_data_than_a_greeting(mails):
    _, written = mails
    greeted = {
        name for name, mail in written.items() if "Alice" in said(mail) or "Alice" in both(mail)[1]
    }
    others = {"verify", "confirm_change", "email_changed", "close", "booked_at_counter"}
    assert greeted == written.keys() - others  # these go to addresses that nobody has proved
    for mail in written.values():
        everything = without_links(said(mail) + both(mail)[1])
        assert "@" not in re.sub(r"@media", "", everything)
        assert not re.search("Bob|Jones|Zoe", everything)
        assert not any(ticket.code in everything for ticket in Ticket.objects.all())


def test_links_have_the_pages_that_open_them(mails):
    _, written = mails
    pages = {
        "verify": "/verify-email/?token=",
        "reset": "/password-reset/confirm/?token=",
        "confirm_change": "/change-email/?token=",
        "close": "/delete-account/?token=",
        "password_changed": "/password-reset/",
        "booked": "/bookings/link/?token=",
        "booked_at_counter": "/bookings/link/?token=",
        "moved": "/bookings/link/?token=",
        "called_off": "/movies/",
        "reminder": "/bookings/link/?token=",
    }
    for name, page in pages.items():
        assert settings.SITE_URL + page in both(written[name])[0]
    for name in ("cancelled", "address_in_use", "email_changed"):
        assert "://" not in both(written[name])[0]
