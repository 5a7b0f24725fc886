"""Names are compared, searched and sorted as people do, on both engines alike."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from marquee.catalog import operations
from marquee.catalog.errors import NameTaken
from marquee.catalog.models import Auditorium, Cinema, Genre, Movie, PriceCard, TicketType
from marquee.catalog.queries import filter_by_genre, search_titles
from marquee.core.derived import DUPLICATE_MARK
from marquee.core.errors import BadInput
from tests.factories import make_auditorium, make_cinema, make_movie, make_price_card

pytestmark = pytest.mark.django_db

NFD = "Cine\u0301ma"


def titles(movies):
    return [movie.title for movie in movies]


def test_a_genre_in_another_case_and_form_is_the_same_genre():
    first = make_movie(genres=["Comédie", "Drama"])
    second = make_movie(genres=["come\u0301die", "DRAMA", "drama "])
    assert set(first.genres.all()) == set(second.genres.all())
    with pytest.raises(NameTaken, match="such a genre already"):
        operations.add_genre(name="dRAMA")


@pytest.mark.parametrize(
    "make",
    [
        lambda name, cinema: make_cinema(name=name, city="Linz"),
        lambda name, cinema: make_auditorium(cinema, name=name),
        lambda name, cinema: make_price_card(cinema, name=name),
    ],
    ids=["cinema", "auditorium", "price card"],
)
def test_names_are_unique_without_regard_to_case_and_form(make):
    cinema = make_cinema()
    make("Cinéma  Paradiso", cinema)
    with pytest.raises(NameTaken, match="already"):
        make(f"{NFD} PARADISO", cinema)
    make("Cinema Paradiso", cinema)  # an accent makes another name


def test_a_cinema_of_the_same_name_in_the_same_city_however_spelled_is_refused():
    make_cinema(name="Gartenbau", city="Wien")
    make_cinema(name="Gartenbau", city="Linz")
    with pytest.raises(NameTaken):
        make_cinema(name="gartenbau", city="WIEN")


def test_codes_of_ticket_types_differ_by_more_than_case():
    with pytest.raises(BadInput, match="already"):
        operations.add_ticket_type(code="Adult", name="Grown-up")
    assert not TicketType.objects.filter(code="Adult").exists()


def test_the_database_refuses_the_same_name_in_another_case():
    Genre.objects.create(name="Drama")
    with pytest.raises(IntegrityError), transaction.atomic():
        Genre.objects.create(name="DRAMA")


@pytest.mark.parametrize("model", [Genre, Movie, Cinema])
def test_the_database_refuses_a_name_with_nothing_to_see(model):
    fields = {"runtime_minutes": 1, "title": "\u200b"} if model is Movie else {"name": "\u200b"}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**fields)


def test_names_are_stored_composed_and_trimmed():
    assert make_movie(title=f"\u200b {NFD} ").title == "Cinéma"
    assert make_cinema(name=f" {NFD}").name == "Cinéma"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("amelie", ["Le Fabuleux Destin d'Amélie"]),
        ("apfel", ["Äpfel"]),
        ("istanbul", ["İstanbul"]),
        ("ISTANBUL", ["İstanbul"]),
        ("ıstanbul", ["İstanbul"]),
        ("i\u0307stanbul", ["İstanbul"]),
        ("йод", ["Йод"]),
        ("иод", []),
        ("か", []),
        ("が", ["がんばれ"]),
        ("100%", ["100% Wolf"]),
        ("_", []),
        ("destin amelie", ["Le Fabuleux Destin d'Amélie"]),
    ],
)
def test_a_search_ignores_case_and_accents(words, found):
    for title in (
        "Le Fabuleux Destin d'Amélie",
        "Äpfel",
        "İstanbul",
        "Йод",
        "がんばれ",
        "100% Wolf",
    ):
        make_movie(title=title)
    assert titles(search_titles(Movie.objects.all(), words)) == found


def test_a_genre_is_found_without_regard_to_case_and_accents():
    movie = make_movie(genres=["Comédie musicale"])
    assert list(filter_by_genre(Movie.objects.all(), "COMEDIE  MUSICALE")) == [movie]
    assert not filter_by_genre(Movie.objects.all(), "Comédie").exists()


def test_movies_sort_as_a_person_would():
    order = [
        "2 Fast 2 Furious", "10 Things I Hate About You", "101 Dalmatians", "Alien", "Éclair",
        "The Godfather", "Zorro", "Ärger im Paradies",
    ]  # fmt: skip
    for title in reversed(order):
        make_movie(title=title)
    order.insert(4, order.pop())
    assert titles(Movie.objects.all()) == order


def test_auditoriums_cinemas_cards_and_genres_sort_by_the_value_of_their_numbers():
    cinema = make_cinema()
    for number in ("10", "9", "1"):
        make_auditorium(cinema, name=f"Screen {number}")
        make_price_card(cinema, name=f"Card {number}")
        Genre.objects.create(name=f"Genre {number}")
        make_cinema(name=f"Kino {number}", city="Graz")
    for rows in (
        Auditorium.objects.filter(cinema=cinema),
        PriceCard.objects.filter(cinema=cinema),
        Genre.objects.all(),
        Cinema.objects.filter(city="Graz"),
    ):
        assert [row.name.split()[1] for row in rows] == ["1", "9", "10"]


def test_a_command_computes_the_keys_again(capsys):
    movie = make_movie(title="Äpfel")
    Movie.objects.filter(pk=movie.pk).update(title="Éclair")
    assert not search_titles(Movie.objects.all(), "eclair").exists()
    call_command("rebuild_text_keys")
    assert "movies: 1 out of date" in capsys.readouterr().out
    assert search_titles(Movie.objects.all(), "eclair").exists()
    call_command("rebuild_text_keys")
    assert "movies: 0 out of date" in capsys.readouterr().out


def test_old_duplicates_stay_until_they_are_renamed():
    cinema = make_cinema()
    make_auditorium(cinema, name="Saal")
    old = make_auditorium(cinema, name="Other")
    Auditorium.objects.filter(pk=old.pk).update(
        name="SAAL", name_key=f"saal{DUPLICATE_MARK}{old.pk}"
    )
    old.refresh_from_db()
    assert operations.change_auditorium(auditorium=old, turnaround_minutes=5).name == "SAAL"
    assert operations.change_auditorium(auditorium=old, name="Saal 2").name_key == "saal 2"
