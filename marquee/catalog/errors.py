"""The refusals of the catalog."""

from marquee.core.errors import BadInput, Refused


class ShowOverlaps(Refused):
    """Another show has the auditorium then, turnaround included: `show` says which, and when."""

    code = "show_overlaps"
    title = "Another show is in the way"


class ShowHasBookings(Refused):
    """Seats were sold or held, so the movie and the auditorium stay. Call the show off instead."""

    code = "show_has_bookings"
    title = "The show has bookings"


class CinemaInUse(Refused):
    """The cinema has price cards, and its time zone and currency give prices and shows their meaning."""

    code = "cinema_in_use"
    title = "The cinema is in use"


class FormatInUse(Refused):
    """Shows have the format. Give them another one first."""

    code = "format_in_use"
    title = "The format is in use"


class RemovedMeanwhile(Refused):
    """Somebody just deleted the row to be changed, or a row that it refers to. Load it again."""

    code = "removed_meanwhile"
    title = "Somebody removed it"


class NameTaken(BadInput):
    """Another row has that name already, in the same cinema or city."""

    code = "name_taken"


class BadSeatPlan(BadInput):
    """The seat plan cannot be parsed. The detail says in which row, and why."""

    code = "bad_seat_plan"
