"""Add and change movies."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings

from marquee.catalog import rules
from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import Genre, Movie, MovieTranslation
from marquee.catalog.operations.audited import record_added, record_changed, values_of
from marquee.catalog.queries import ShortShow, find_overlap, find_short_shows
from marquee.catalog.records import Translation
from marquee.catalog.validation import save_validated, update_validated
from marquee.core.errors import BadInput
from marquee.core.text import name_key
from marquee.core.transactions import transactional


class ChangedMovie(NamedTuple):
    """A movie after a change, and the shows to come that are too short since then."""

    movie: Movie
    short_shows: list[ShortShow]


@transactional
def add_movie(
    *, genres: Collection[str] = (), translations: Sequence[Translation] = (), **fields: Any
) -> Movie:
    """Return a new movie: `fields` as in Movie, genres by name. Unknown genres are added.

    Refuses with BadInput a translation into no language of the pages, or two into one.
    """
    movie = Movie(**fields)
    save_validated(movie)
    movie.genres.set(_get_or_add_genres(genres))
    _set_translations(movie, translations)
    record_added(movie)
    return movie


@transactional
def change_movie(
    *,
    movie: Movie,
    genres: Collection[str] | None = None,
    translations: Sequence[Translation] | None = None,
    extend_shows: bool = False,
    **changes: Any,
) -> ChangedMovie:
    """Change some fields. Return the movie and what is too short.

    Genres and translations change as a whole when given. Refuses as `add_movie` does.

    Shows keep their times; those to come that a longer runtime makes too short are returned. With
    `extend_shows` they end later, also when the runtime was changed before. Refuses with ShowOverlaps
    to extend a show into another one: then nothing changes.
    """
    lock_catalog()
    movie = lock_row(movie)
    values, runtime_before = values_of(movie), movie.runtime_minutes
    update_validated(movie, changes)
    if genres is not None:
        movie.genres.set(_get_or_add_genres(genres))
    if translations is not None:
        _set_translations(movie, translations)
    changed = movie.runtime_minutes != runtime_before
    short, extended = [], {}
    if changed or extend_shows:
        short = find_short_shows(movie, runtime_before=runtime_before if changed else None)
    if extend_shows:
        _extend(short)
        extended = {"extended_shows": [one.show.pk for one in short]} if short else {}
        short = []
    record_changed(movie, values, parts=extended)
    return ChangedMovie(movie, short)


def _set_translations(movie: Movie, translations: Sequence[Translation]) -> None:
    """Give a movie these translations. Those that stay keep their ids."""
    rules.check_translations([one.language for one in translations], known=dict(settings.LANGUAGES))
    stored = {one.language: one for one in movie.translations.all()}
    for language in stored.keys() - {one.language for one in translations}:
        stored[language].delete()
    for translation in translations:
        row = stored.get(translation.language) or MovieTranslation(movie=movie)
        try:
            update_validated(row, translation._asdict())
        except BadInput as refusal:
            raise BadInput(refusal.detail, field="translations") from None


def _extend(shows: Iterable[ShortShow]) -> None:
    """Let shows end when they must, unless another show has the auditorium then.

    Bookings need not wait: nothing that they decide by changes.
    """
    overlaps = []
    for show, needed in shows:
        show.ends_at = needed
        show.occupied_until = rules.occupied_until(
            needed, turnaround_minutes=show.auditorium.turnaround_minutes
        )
        if other := find_overlap(show):
            overlaps.append(other)
        elif not overlaps:
            show.save(update_fields=["ends_at", "occupied_until"])
    rules.check_no_overlaps(overlaps)


@transactional
def add_genre(*, name: str) -> Genre:
    """Return a new genre. Refuses with NameTaken for a name in any case and form."""
    genre = Genre(name=name)
    save_validated(genre)
    record_added(genre)
    return genre


@transactional
def change_genre(*, genre: Genre, name: str) -> Genre:
    """Rename a genre. Refuses with NameTaken."""
    lock_catalog()
    genre = lock_row(genre)
    values = values_of(genre)
    update_validated(genre, {"name": name})
    record_changed(genre, values)
    return genre


def _genres_by_key() -> dict[str, Genre]:
    return {genre.name_key: genre for genre in Genre.objects.all()}


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _get_or_add_genres(names: Iterable[str]) -> list[Genre]:
    """Return the genres of these names, in any case and form. Unknown genres are added."""
    known = _genres_by_key()
    chosen: dict[str, Genre] = {}
    for name in map(_tidy, names):
        key = name_key(name)
        chosen[key] = known.get(key) or chosen.get(key) or _add_genre(name)
    return list(chosen.values())


def _add_genre(name: str) -> Genre:
    genre = Genre(name=name)
    try:
        save_validated(genre)
    except BadInput as refusal:
        raise BadInput(refusal.detail, field="genres") from None
    return genre
