"""Lists sort as a person would sort them."""

import pytest

from marquee.core.collation import sort_key, title_sort_key
from marquee.core.email_addresses import mailbox_key, normalise_email


@pytest.mark.parametrize(
    "names",
    [
        ["Amélie", "Éclair", "Zorro"],
        ["Äpfel", "apple", "Apricot", "Ärger", "Azur"],
        ["2 Fast 2 Furious", "8½", "9", "10 Things I Hate About You", "101 Dalmatians", "Alien"],
        ["1917", "2001: A Space Odyssey", "10,000 BC", "20,000 Leagues Under the Sea"],
        ["Screen 1", "screen 2", "Screen 10", "Screen 11", "Studio"],
        ["007", "8", "'71"],
        ["La La Land", "Labyrinth"],
        ["Oceans", "Ocean's Eleven", "Ocean's Twelve"],
        ["Resume", "Résumé", "Resumes"],
        ["Spider-Man", "Spider-Man 2", "Spider-Man 10", "Spiders"],
        ["Елка", "Ёлки", "Енот"],
        ["Ґрати", "Дім"],
        ["Ива", "Йога", "Кино"],
        ["か", "が", "き"],
        ["ΑΒ", "άγ", "Βα"],
        ["Ōkami", "Øst", "Östen"],
        ["300", "Alpha", "Бета"],
    ],
)
def test_names_sort_as_a_person_would_sort_them(names):
    assert sorted(names, key=sort_key) == names


@pytest.mark.parametrize(
    ("title", "original", "language", "like"),
    [
        ("The Godfather", "", "en", "Godfather"),
        ("A Star Is Born", "A Star Is Born", "en-GB", "Star Is Born"),
        ("Das Boot", "", "de", "Boot"),
        ("Die Blechtrommel", "", "de", "Blechtrommel"),
        ("Die Hard", "", "en", "Die Hard"),
        ("Les Misérables", "", "fr", "Miserables"),
        ("L\u2019Atalante", "", "fr", "Atalante"),
        ("L'avventura", "", "it", "avventura"),
        ("La La Land", "", "en", "La La Land"),
        ("El laberinto del fauno", "", "es", "laberinto del fauno"),
        ("The Artist", "", "fr", "Artist"),
        ("Der Pate", "The Godfather", "en", "Pate"),
        ("The Intouchables", "Intouchables", "fr", "Intouchables"),
        ("Thé à la menthe", "", "fr", "Thé à la menthe"),
        ("A", "", "en", "A"),
        ("The The", "", "en", "The"),
        ("A.I.", "", "en", "A.I."),
        ("(The) Wave", "", "en", "(The) Wave"),
    ],
)
def test_the_leading_article_of_a_title_does_not_count(title, original, language, like):
    def first(key):
        return key.partition("\x01")[0]

    assert first(title_sort_key(title, original, language)) == first(sort_key(like))


def test_a_name_with_nothing_to_see_has_no_key():
    assert sort_key("\u200b") == title_sort_key(" ", "", "en") == ""
    assert sort_key("???").startswith("???")


@pytest.mark.parametrize(
    "spelling",
    [
        "Alice@Bücher.example",
        " alice@bücher.example ",
        "alice@bu\u0308cher.example",
        "ALICE@BÜCHER.EXAMPLE",
        "alice@xn--bcher-kva.example",
        '"alice"@bücher.example',
        "alice@bücher\u3002example",
        "alice@ｂücher.example",
    ],
)
def test_all_spellings_of_a_mailbox_have_one_key(spelling):
    assert mailbox_key(spelling) == "alice@xn--bcher-kva.example"


def test_dots_tags_and_other_domains_are_other_mailboxes():
    others = ["al.ice@a.example", "alice+x@a.example", "alice@a.example", "alice@b.example"]
    assert len({mailbox_key(email) for email in others}) == 4
    assert mailbox_key("a@straße.example") != mailbox_key("a@strasse.example")
    assert mailbox_key("a@[127.0.0.1]") == "a@[127.0.0.1]"
    assert mailbox_key("nobody") == "nobody"


def test_an_address_is_stored_composed_trimmed_and_in_lower_case():
    assert normalise_email(" Alice@Bu\u0308cher.Example ") == "alice@bücher.example"
