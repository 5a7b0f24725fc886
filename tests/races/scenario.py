"""The setup of most races: a show, and customers who want its seats."""

from collections.abc import Callable, Iterator
from copy import copy
from datetime import timedelta
from functools import cache
from itertools import count

from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Show
from tests.factories import book_seats, book_tickets, expire_hold, make_show, make_user
from tests.races import audit
from tests.races.interleave import Race, Scene, interleavings

days = count(1)


@cache
def shared_show() -> tuple[Show, User, User, User]:
    """Return a show with six seats, A1 to A6, and three customers: shared by one test's scenarios."""
    return make_show(rows=["A: ssssss"]), make_user("Alice"), make_user("Bob"), make_user("Carol")


def another_show() -> Show:
    """Return a copy of the shared show on another day: one statement instead of forty."""
    show = copy(shared_show()[0])
    show.pk = None
    later = timedelta(days=next(days))
    for field in ("starts_at", "ends_at", "occupied_until", "sales_until"):
        setattr(show, field, getattr(show, field) + later)
    show.set_clock(show.timezone)  # a day of the next season has another offset
    show.set_sales_clock("sales_until")
    show.save(force_insert=True)
    return show


class Scenario:
    """A show and its customers, for one interleaving."""

    def __init__(self) -> None:
        self.show = another_show()
        _, self.alice, self.bob, self.carol = shared_show()

    def hold(self, user: User, *labels: str, key: str | None = None) -> Booking:
        """Hold these seats."""
        return book_seats(user, self.show, *labels, hold=True, key=key)

    def book(self, user: User, *labels: str, key: str | None = None) -> Booking:
        """Book these seats at once."""
        return book_seats(user, self.show, *labels, key=key)

    def book_best(self, user: User, count: int, key: str | None = None) -> Booking:
        """Book the best available seats."""
        return book_tickets(user, self.show, [TicketRequest()] * count, key=key).booking

    def expired_hold(self, user: User, *labels: str) -> Booking:
        """Return a hold that has expired and is not recorded as expired."""
        booking = self.hold(user, *labels)
        expire_hold(booking)
        return booking


def check_audit(race: Race) -> None:
    """Raise AssertionError, with the steps of the race, if its show is inconsistent."""
    try:
        audit.check(race.scene.about.show)
    except AssertionError as error:
        error.add_note(str(race))
        raise


def faults(scene: Callable[[], Scene]) -> Iterator[str]:
    """Yield the first inconsistency of each race that leaves one."""
    for race in interleavings(scene):
        try:
            check_audit(race)
        except AssertionError as fault:
            yield str(fault).splitlines()[0]
