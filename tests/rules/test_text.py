"""Text that people would call the same is the same; text that nobody can read is refused."""

import unicodedata

import pytest

from marquee.core import text

INVISIBLE = ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\u200d\u200c", "\u0301"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Drama", "DRAMA"),
        ("Comédie", "Come\u0301die"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("Ｄｒａｍａ", "Drama"),
        ("Science  fiction", "science fiction"),
        ("Dra\u200bma", "Drama"),
        ("L\u2019Étoile", "l'étoile"),
        ("ｶﾞﾗｽ", "ガラス"),
    ],
)
def test_names_are_equal_without_regard_to_case_and_form(one, other):
    assert text.name_key(one) == text.name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Cafe", "Café"), ("ИОД", "ЙОД"), ("かき", "がき")])
def test_names_with_other_letters_are_other_names(one, other):
    assert text.name_key(one) != text.name_key(other)


def test_a_key_has_a_limited_length_and_still_tells_names_apart():
    one, other = "ﷺ" * 100 + "a", "ﷺ" * 100 + "b"
    assert len(text.name_key(one)) == text.MAX_KEY_LENGTH
    assert text.name_key(one) != text.name_key(other)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("amelie", "Le Fabuleux Destin d'Amélie Poulain"),
        ("AMÉLIE", "Ame\u0301lie"),
        ("apfel", "Äpfel"),
        ("aepfel", "Äpfel"),
        ("istanbul", "İstanbul"),
        ("ISTANBUL", "ıstanbul"),
        ("İSTANBUL", "istanbul"),
        ("ıstanbul", "ISTANBUL"),
        ("strasse", "Straße"),
        ("STRAẞE", "Strasse"),
        ("oster", "Øster"),
        ("oester", "Øster"),
        ("lodz", "Łódź"),
        ("Łódź", "LODZ"),
        ("елки", "Ёлки"),
        ("йод", "ЙОД"),
        ("οδος", "ΟΔΌΣ"),
        ("οδός", "ΟΔΟΣ"),
        ("ガラス", "ｶﾞﾗｽ"),
        ("aeon", "Æon"),
        ("alien 3", "Alien³"),
        ("8½", "8 1/2"),
        ("wall-e", "WALL·E"),
        ("walle", "WALL·E"),
        ("oceans", "Ocean\u2019s Eleven"),
        ("שלום", "שָׁלוֹם"),
        ("tranquille nuit", "Nuit tranquille"),
    ],
)
def test_a_search_ignores_case_accents_and_punctuation(words, title):
    assert finds(words, title)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("иод", "Йод"),
        ("йод", "Иод"),
        ("か", "が"),
        ("が", "か"),
        ("ホ", "ポ"),
        ("apfel x", "Äpfel"),
    ],
)
def test_a_search_keeps_letters_apart(words, title):
    assert not finds(words, title)


def finds(words, title):
    found = text.search_text(title)
    return all(any(form in found for form in forms) for forms in text.search_words(words))


def test_a_word_is_looked_for_once_however_often_it_is_typed():
    assert len(text.search_words("\ufdfa" * 100)) == 5
    assert text.search_words("b a b") == [{"b"}, {"a"}]


def test_folding_twice_changes_nothing():
    for code in range(0x20, 0x3000):
        folded = text.fold(chr(code))
        assert text.fold(folded) == folded, f"U+{code:04X}"


@pytest.mark.parametrize("problem", INVISIBLE)
def test_text_with_nothing_to_see_is_refused(problem):
    assert "nothing to be seen" in text.find_problem(problem)


@pytest.mark.parametrize(
    "char",
    [
        "\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202a", "\u202e", "\u2066", "\u2069", "\ud800",
        "\ufffe", "\uffff", "\ufdd0", "\U0001ffff", "\ufeff", "\U000e0041", "\ufff9", "\n", "\t",
    ],
)  # fmt: skip
def test_characters_that_nobody_sees_are_refused_by_name(char):
    assert f"U+{ord(char):04X}" in text.find_problem(f"A{char}B")


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "Metropolis", "Amélie", "Ame\u0301lie", "👩\u200d👩\u200d👧", "❤\ufe0f", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می\u200cخواهم",
        "שלום (2024)\u200f", "\u200eA", "Donau\u00addampf", "がぎぐ", "กำลัง", "हिन्दी", "\u1e9e",
    ],
)  # fmt: skip
def test_text_that_people_write_is_in_order(value):
    assert text.find_problem(value) is None


def test_several_lines_are_in_order_where_they_are_meant_to_be():
    assert text.find_problem("One\r\n\tTwo\n", lines=True) is None
    assert text.find_problem("One\x0cTwo", lines=True) is not None


def test_a_password_is_the_same_however_it_is_typed():
    composed = "Grüße aus\u00a0Köln"
    assert text.opaque_string(unicodedata.normalize("NFD", composed)) == "Grüße aus Köln"
    assert text.opaque_string(composed) == "Grüße aus Köln"
    assert text.opaque_string(" Ａa ") == " Ａa "
