"""Migrations keep what was there: no account is merged, genres are, and invisible names become visible."""

from importlib import import_module

import pytest
from django.apps import apps

from marquee.accounts.models import User
from marquee.catalog.models import Genre, Movie
from tests.factories import make_movie, make_user

pytestmark = pytest.mark.django_db
names = import_module("marquee.catalog.migrations.0007_names")
mailboxes = import_module("marquee.accounts.migrations.0003_one_account_for_a_mailbox")
languages = import_module("marquee.catalog.migrations.0009_languages_and_formats")


def test_the_oldest_active_account_keeps_the_mailbox():
    spellings = ["a@bücher.example", "a@xn--bcher-kva.example", '"a"@bücher.example']
    users = [make_user(is_active=number != 0) for number in range(3)]
    User.objects.update(email_key=None)
    for user, email in zip(users, spellings, strict=True):
        User.objects.filter(pk=user.pk).update(email=email)
    mailboxes.add_mailboxes(apps, None)
    keys = dict(User.objects.values_list("email", "email_key"))
    assert keys == {spellings[0]: None, spellings[1]: spellings[1], spellings[2]: None}


def test_a_genre_that_came_twice_becomes_one_and_its_movies_stay_in_it():
    both, second = make_movie(genres=["Drama", "Twice"]), make_movie(genres=["Twice"])
    Genre.objects.filter(name="Twice").update(name="DRAMA")
    names.merge_genres(apps, None)
    for movie in (both, second):
        assert [genre.name for genre in movie.genres.all()] == ["Drama"]
    assert Genre.objects.count() == 1


def test_what_nobody_could_see_gets_a_name():
    movie = make_movie()
    Movie.objects.filter(pk=movie.pk).update(title="\u202e")
    names.name_what_is_invisible(apps, None)
    movie.refresh_from_db()
    assert movie.title == f"Unnamed {movie.pk}"


def test_known_languages_get_their_usual_form_and_others_stay():
    old, unknown = make_movie(), make_movie()
    Movie.objects.filter(pk=old.pk).update(original_language="iw")
    Movie.objects.filter(pk=unknown.pk).update(original_language="xx")
    languages.normalise_languages(apps, None)
    tags = dict(Movie.objects.values_list("pk", "original_language"))
    assert tags == {old.pk: "he", unknown.pk: "xx"}
