"""The addresses below /api/v1/."""

from django.urls import URLPattern, URLResolver, path, register_converter
from rest_framework.routers import SimpleRouter

from marquee.api import (
    accounts,
    auditoriums,
    bookings,
    cinemas,
    movies,
    price_cards,
    seats,
    shows,
)
from marquee.core import codes


class Key:
    """A primary key in an address: a number that a bigint column can hold, and nothing else."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the key."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return the key as it stands in an address."""
        return str(value)


class Reference(Key):
    """A booking reference in an address, as people type it."""

    regex = "[0-9A-Za-z]{8}"

    def to_python(self, value: str) -> str:  # type: ignore[override]
        """Return the reference as we write it."""
        return codes.normalise(value)


register_converter(Key, "key")
register_converter(Reference, "reference")

catalogue = SimpleRouter(use_regex_path=False)
catalogue.register("movies", movies.MovieViewSet)
catalogue.register("cinemas", cinemas.CinemaViewSet)
catalogue.register("auditoriums", auditoriums.AuditoriumViewSet)
catalogue.register("shows", shows.ShowViewSet)
catalogue.register("price-cards", price_cards.PriceCardViewSet)

# Django looks from the first to the last, at 3 µs each: what is asked for most comes first.
urlpatterns: list[URLPattern | URLResolver] = [
    path("shows/<key:show_id>/bookings/", bookings.CreateBookingView.as_view()),
    path("shows/<key:show_id>/availability/", seats.AvailabilityView.as_view()),
    path("shows/<key:show_id>/seats/", seats.SeatMap.as_view()),
    path("bookings/<reference:reference>/confirm/", bookings.ConfirmBookingView.as_view()),
    path("bookings/<reference:reference>/cancel/", bookings.CancelBookingView.as_view()),
    path("bookings/<reference:reference>/", bookings.BookingDetailView.as_view()),
    path("bookings/", bookings.BookingListView.as_view(), name="bookings"),
    *catalogue.urls,
    path("auth/signup/", accounts.SignUp.as_view()),
    path("auth/login/", accounts.LogIn.as_view()),
    path("auth/refresh/", accounts.Refresh.as_view()),
    path("auth/logout/", accounts.LogOut.as_view()),
    path("me/", accounts.Me.as_view()),
    path("me/password/", accounts.MyPassword.as_view()),
    path("movies/<key:pk>/poster/", movies.Poster.as_view(), name="movie-poster"),
    path("movies/<key:pk>/shows/", shows.ShowsOfMovie.as_view()),
    path("shows/<key:pk>/call-off/", shows.CallOffShow.as_view()),
    path("shows/<key:show_id>/block/", seats.BlockSeats.as_view()),
    path("shows/<key:show_id>/unblock/", seats.UnblockSeats.as_view()),
]
