"""Changes of what there is: movies, cinemas, auditoriums. Prices and shows have files of their own.

Every operation owns its transaction, and refuses with BadInput for what a model does not allow,
with NameTaken, and with RemovedMeanwhile when somebody else just removed what it is about.
Removing what has shows, bookings or prices raises ProtectedError.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import Model

from marquee.catalog import seat_plan_text
from marquee.catalog.errors import CinemaInUse
from marquee.catalog.models import Auditorium, Cinema, Genre, Movie, Seat, SeatPlan, TicketType
from marquee.catalog.queries import newest_plan
from marquee.catalog.rows import lock, store
from marquee.core.errors import BadInput
from marquee.core.transactions import transactional

Row = TypeVar("Row", bound=Model)


@transactional
def add_movie(*, genres: Collection[str] = (), **fields: Any) -> Movie:
    """Return a new movie: `fields` as in Movie, genres by name, those new to us made."""
    movie = Movie(**fields)
    store(movie)
    movie.genres.set(_genres(genres))
    return movie


@transactional
def change_movie(*, movie: Movie, genres: Collection[str] | None = None, **changes: Any) -> Movie:
    """Change some fields, and the genres as a whole when given. Shows keep their times."""
    movie = _changed(lock(movie), changes)
    if genres is not None:
        movie.genres.set(_genres(genres))
    return movie


@transactional
def add_cinema(**fields: Any) -> Cinema:
    """Return a new cinema: `fields` as in Cinema."""
    cinema = Cinema(**fields)
    store(cinema)
    return cinema


@transactional
def change_cinema(*, cinema: Cinema, **changes: Any) -> Cinema:
    """Change some fields. Refuses with CinemaInUse for the time zone or the currency once the
    cinema has price cards: without one it has no shows either.
    """
    cinema = lock(cinema)
    matters = any(
        getattr(cinema, name) != changes.get(name, getattr(cinema, name))
        for name in ("timezone", "currency")
    )
    if matters and cinema.price_cards.exists():
        raise CinemaInUse(
            "The cinema has price cards, so its time zone and currency stay. "
            "Remove its shows and price cards first, or add another cinema."
        )
    return _changed(cinema, changes)


@transactional
def add_auditorium(*, cinema: Cinema, rows: Sequence[str], **fields: Any) -> Auditorium:
    """Return a new auditorium with its first seat plan. Refuses with BadSeatPlan, too."""
    auditorium = Auditorium(cinema=lock(cinema), **fields)
    store(auditorium)
    _plan(auditorium, seat_plan_text.parse(rows), version=1)
    return auditorium


@transactional
def change_auditorium(
    *, auditorium: Auditorium, rows: Sequence[str] | None = None, **changes: Any
) -> Auditorium:
    """Change some fields. Other rows are a new plan: shows there are keep theirs.

    Another turnaround holds for shows that are scheduled or moved from then on. Refuses with
    BadSeatPlan, and with BadInput for another cinema.
    """
    auditorium = lock(auditorium)
    _stays(auditorium, changes.pop("cinema", auditorium.cinema))
    _changed(auditorium, changes)
    if rows is not None:
        parsed, newest = seat_plan_text.parse(rows), newest_plan(auditorium)
        if [row.text for row in parsed] != newest.rows:
            _plan(auditorium, parsed, version=newest.version + 1)
    return auditorium


@transactional
def remove(*, row: Movie | Cinema | Auditorium | Genre | TicketType) -> None:
    """Remove a row that nothing depends on; an auditorium goes with its plans.

    Raises ProtectedError when shows, auditoriums or prices depend on it.
    """
    lock(row, whole=True).delete()


def _changed(row: Row, changes: dict[str, Any]) -> Row:
    for name, value in changes.items():
        setattr(row, name, value)
    store(row)
    return row


def _stays(auditorium: Auditorium, cinema: Cinema) -> None:
    if cinema != auditorium.cinema:
        raise BadInput("An auditorium stays in its cinema: add another one there.", field="cinema")


def _plan(auditorium: Auditorium, rows: list[seat_plan_text.ParsedRow], *, version: int) -> None:
    """Store a plan. Its seats' keys ascend with (y, x), the order in which claims lock them."""
    seats = seat_plan_text.seats(rows)
    plan = SeatPlan.objects.create(
        auditorium=auditorium,
        version=version,
        rows=[row.text for row in rows],
        seats_total=len(seats),
        categories=sorted({seat.category for seat in seats}),
    )
    Seat.objects.bulk_create(
        Seat(
            plan=plan, label=seat.label, row=seat.row, y=seat.y, x=seat.x,
            category=seat.category, kind=seat.kind,
        )
        for seat in seats
    )  # fmt: skip


def _genres(names: Iterable[str]) -> list[Genre]:
    """Return the genres of these names, whatever their case; those new to us are stored."""
    known = {genre.name.casefold(): genre for genre in Genre.objects.all()}
    chosen: dict[str, Genre] = {}
    for name in (" ".join(name.split()) for name in names):
        key = name.casefold()
        chosen[key] = known.get(key) or chosen.get(key) or _new_genre(name)
    return list(chosen.values())


def _new_genre(name: str) -> Genre:
    genre = Genre(name=name)
    try:
        store(genre)
    except BadInput as refusal:
        raise BadInput(refusal.detail, field="genres") from None
    return genre
