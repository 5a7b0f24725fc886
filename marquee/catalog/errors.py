"""How the catalogue says no."""

from marquee.core.errors import BadInput, Refused


class ShowOverlaps(Refused):
    """Another show is in the auditorium then, turnaround included: `show` tells which, and when."""

    code = "show_overlaps"
    title = "Another show is in the way"


class ShowHasBookings(Refused):
    """Seats were sold or held: the movie and the auditorium stay. Call the show off instead."""

    code = "show_has_bookings"
    title = "The show has bookings"


class BadSeatPlan(BadInput):
    """The seat plan cannot be read; the detail says in which row, and why."""

    code = "bad_seat_plan"
