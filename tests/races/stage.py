"""The world that most races need: a show, and two customers who want its seats."""

from dataclasses import dataclass, field

from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.catalog.models import Show
from tests.races import books
from tests.races.interleave import Race
from tests.world import book_seats, make_show, make_user


@dataclass
class Stage:
    """A show of one row, A1 to A6, and who wants seats; made anew for every interleaving."""

    show: Show = field(default_factory=lambda: make_show(rows=["A: ssssss"]))
    alice: User = field(default_factory=lambda: make_user("Alice"))
    bob: User = field(default_factory=lambda: make_user("Bob"))

    def hold(self, user: User, *labels: str, **how: str) -> Booking:
        """Hold these seats."""
        return book_seats(user, self.show, *labels, hold=True, **how)

    def book(self, user: User, *labels: str, **how: str) -> Booking:
        """Book these seats at once."""
        return book_seats(user, self.show, *labels, **how)


def check_books(race: Race) -> None:
    """Raise AssertionError, with the story of the race, unless the books of its show are in order."""
    try:
        books.check(race.scene.about.show)
    except AssertionError as error:
        error.add_note(str(race))
        raise
