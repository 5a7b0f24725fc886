"""Every message of mails and pages is translated into every language: `make messages`."""

from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.conf import settings

from marquee.core import translations

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def messages(catalog):
    def frozen(text):
        return tuple(text) if isinstance(text, list) else text

    return {(one.context, frozen(one.id)): frozen(one.string) for one in catalog if one.id}


def test_there_are_messages_of_mails_and_pages():
    locations = {path for one in translations.extract_messages() for path, _ in one.locations}
    assert "marquee/mail/booking_texts.py" in locations
    assert "marquee/mail/templates/mail/mail.html" in locations
    assert any(path.startswith("marquee/web/") for path in locations)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_has_every_message_and_no_other(language):
    catalog = translations.read_catalog(language)
    assert messages(catalog).keys() == messages(translations.extract_messages()).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_fuzzy(language):
    catalog = translations.read_catalog(language)
    assert [one.id for one in translations.untranslated(catalog)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_and_the_forms_of_its_message(language):
    catalog = translations.read_catalog(language)
    for message in catalog:
        assert [str(error) for error in message.check(catalog)] == [], message.id
        if message.pluralizable:
            assert len(message.string) == catalog.num_plurals


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_that_of_the_text(language):
    path = translations.catalog_path(language)
    compiled = read_mo(BytesIO(path.with_suffix(".mo").read_bytes()))
    assert messages(compiled) == messages(translations.read_catalog(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_as_the_command_writes_it(language):
    path = translations.catalog_path(language)
    written = translations.as_po(translations.updated_catalog(language)).decode()
    assert without_header(path.read_text()) == without_header(written)


def without_header(po):
    """Return a .po without its header, which names the version of Babel."""
    return po.partition("\n#: ")[2]


def test_control_what_is_not_whole_is_found():
    catalog = Catalog(locale="de")
    catalog.add("whole", "ganz")
    catalog.add("missing", "")
    catalog.add("fuzzy", "unscharf", flags={"fuzzy"})
    catalog.add(("%(count)d seat", "%(count)d seats"), ("%(count)d Platz", ""))
    found = [one.id for one in translations.untranslated(catalog)]
    assert found == ["missing", "fuzzy", ("%(count)d seat", "%(count)d seats")]


def test_the_command_lists_what_is_missing(tmp_path, monkeypatch, capsys):
    from django.core.management import CommandError, call_command

    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    for directory in ("mail", "core"):
        (tmp_path / directory).mkdir()
    (tmp_path / "core" / "locales.py").write_text("")
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    (tmp_path / "mail" / "texts.py").write_text('_("Good evening")\n')
    with pytest.raises(CommandError, match="de: Good evening"):
        call_command("update_translations")
    path = translations.catalog_path("de")
    empty, whole = ('msgid "Good evening"\nmsgstr "' + text for text in ('"', 'Guten Abend"'))
    path.write_text(path.read_text().replace(empty, whole))
    call_command("update_translations")
    assert "Guten Abend" in path.read_text()
    assert b"Guten Abend" in path.with_suffix(".mo").read_bytes()
