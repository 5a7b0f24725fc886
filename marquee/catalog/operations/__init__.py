"""Changes of the catalog: movies, cinemas, auditoriums, ticket types, price cards, shows.

Every operation takes keywords only and owns its transaction. Operations refuse with BadInput for a
value that the model does not allow, with NameTaken, and with RemovedMeanwhile when another
transaction just deleted a row they need. Deleting a row that others refer to raises ProtectedError.
"""

from marquee.catalog.operations.auditoriums import add_auditorium, change_auditorium
from marquee.catalog.operations.cinemas import add_cinema, change_cinema, change_zone
from marquee.catalog.operations.conditional import if_unchanged
from marquee.catalog.operations.deletion import delete
from marquee.catalog.operations.formats import add_format, change_format, delete_format
from marquee.catalog.operations.local_times import KeptTimes, keep_local_time, keep_local_times
from marquee.catalog.operations.movies import (
    ChangedMovie,
    add_genre,
    add_movie,
    change_genre,
    change_movie,
)
from marquee.catalog.operations.price_cards import (
    PriceLine,
    add_price_card,
    change_price_card,
    delete_price_card,
)
from marquee.catalog.operations.shows import (
    add_show,
    change_show,
    change_show_from,
    delete_show,
    replace_seat_plan,
    sold_as,
)
from marquee.catalog.operations.ticket_types import add_ticket_type, change_ticket_type

__all__ = [
    "ChangedMovie",
    "KeptTimes",
    "PriceLine",
    "add_auditorium",
    "add_cinema",
    "add_format",
    "add_genre",
    "add_movie",
    "add_price_card",
    "add_show",
    "add_ticket_type",
    "change_auditorium",
    "change_cinema",
    "change_format",
    "change_genre",
    "change_movie",
    "change_price_card",
    "change_show",
    "change_show_from",
    "change_ticket_type",
    "change_zone",
    "delete",
    "delete_format",
    "delete_price_card",
    "delete_show",
    "if_unchanged",
    "keep_local_time",
    "keep_local_times",
    "replace_seat_plan",
    "sold_as",
]
