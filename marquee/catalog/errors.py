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


class CinemaInUse(Refused):
    """The cinema has price cards: its time zone and its currency give them and shows meaning."""

    code = "cinema_in_use"
    title = "The cinema is in use"


class RemovedMeanwhile(Refused):
    """What is to be changed, or what it refers to, was removed a moment ago. Load it again."""

    code = "removed_meanwhile"
    title = "Somebody removed it"


class NameTaken(BadInput):
    """There is one of that name already, in this place."""

    code = "name_taken"


class BadSeatPlan(BadInput):
    """The seat plan cannot be read; the detail says in which row, and why."""

    code = "bad_seat_plan"
