"""Movies, cinemas with their auditoriums and seat plans, price cards, and shows."""

from marquee.catalog.fields import validate_currency, validate_language, validate_timezone
from marquee.catalog.models.cinemas import Auditorium, Cinema, Seat, SeatPlan
from marquee.catalog.models.movies import Genre, Movie, MovieTranslation
from marquee.catalog.models.prices import Price, PriceCard, TicketType
from marquee.catalog.models.shows import Format, Revision, Show

# Migration 0001 names the validators by these.
check_timezone, check_currency = validate_timezone, validate_currency
check_language = validate_language

__all__ = [
    "Auditorium",
    "Cinema",
    "Format",
    "Genre",
    "Movie",
    "MovieTranslation",
    "Price",
    "PriceCard",
    "Revision",
    "Seat",
    "SeatPlan",
    "Show",
    "TicketType",
    "check_currency",
    "check_language",
    "check_timezone",
]
