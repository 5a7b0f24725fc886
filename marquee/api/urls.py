"""The URLs below /api/v1/."""

from django.urls import URLPattern, URLResolver, path, register_converter
from rest_framework.routers import SimpleRouter

from marquee.api.resources import (
    account_links,
    accounts,
    auditoriums,
    bookings,
    cinemas,
    export,
    formats,
    guests,
    movies,
    price_cards,
    seats,
    sessions,
    shows,
)
from marquee.core import codes


class ReferenceConverter:
    """A booking reference in a URL as people type it: see `codes.normalise`."""

    regex = codes.TYPED_REFERENCE

    def to_python(self, value: str) -> str:
        """Return the reference in its canonical form."""
        return codes.normalise(value)

    def to_url(self, value: str) -> str:
        """Return the reference as URLs have it."""
        return value


register_converter(ReferenceConverter, "reference")

catalog = SimpleRouter(use_regex_path=False)
catalog.register("movies", movies.MovieViewSet)
catalog.register("cinemas", cinemas.CinemaViewSet)
catalog.register("auditoriums", auditoriums.AuditoriumViewSet)
catalog.register("shows", shows.ShowViewSet)
catalog.register("formats", formats.FormatViewSet)
catalog.register("price-cards", price_cards.PriceCardViewSet)

# Django tries the patterns in order, at 3 µs each, so the most requested ones come first.
urlpatterns: list[URLPattern | URLResolver] = [
    path("shows/<id:show_id>/bookings/", bookings.CreateBookingView.as_view()),
    path(
        "shows/<id:show_id>/availability/",
        seats.AvailabilityView.as_view(),
        name="show-availability",
    ),
    path("shows/<id:show_id>/seats/", seats.SeatMapView.as_view()),
    path("bookings/<reference:reference>/confirm/", bookings.ConfirmBookingView.as_view()),
    path("bookings/<reference:reference>/extend/", bookings.ExtendBookingView.as_view()),
    path("bookings/<reference:reference>/exchange/", bookings.ExchangeSeatsView.as_view()),
    path("bookings/<reference:reference>/cancel/", bookings.CancelBookingView.as_view()),
    path("bookings/<reference:reference>/", bookings.BookingDetailView.as_view()),
    path("bookings/", bookings.BookingListView.as_view(), name="bookings"),
    *catalog.urls,
    path("auth/signup/", accounts.SignUpView.as_view()),
    path("auth/guest/", guests.GuestView.as_view()),
    path("auth/delete/confirm/", guests.CloseByLinkView.as_view()),
    path("auth/login/", accounts.LogInView.as_view()),
    path("auth/refresh/", accounts.RefreshView.as_view()),
    path("auth/logout/", accounts.LogOutView.as_view()),
    path("auth/verify-email/", account_links.VerifyEmailView.as_view()),
    path("auth/password-reset/", account_links.AskForResetView.as_view()),
    path("auth/password-reset/confirm/", account_links.ResetPasswordView.as_view()),
    path("auth/change-email/confirm/", account_links.ConfirmEmailChangeView.as_view()),
    path("me/verify-email/", account_links.AskForVerificationView.as_view()),
    path("me/", accounts.ProfileView.as_view()),
    path("me/export/", export.ExportView.as_view()),
    path("me/delete/", accounts.AccountDeletionView.as_view()),
    path("me/password/", accounts.PasswordView.as_view()),
    path("me/sessions/", sessions.LoginListView.as_view()),
    path("me/sessions/log-out-others/", sessions.LogOutOthersView.as_view()),
    path("movies/<id:pk>/poster/", movies.PosterView.as_view(), name="movie-poster"),
    path("movies/<id:pk>/shows/", shows.ShowsOfMovieView.as_view()),
    path("shows/<id:pk>/call-off/", shows.CallOffShowView.as_view()),
    path("shows/<id:pk>/new-plan/", shows.NewPlanView.as_view()),
    path("shows/<id:show_id>/counter-bookings/", bookings.CounterBookingView.as_view()),
    path("shows/<id:show_id>/block/", seats.BlockSeatsView.as_view()),
    path("shows/<id:show_id>/unblock/", seats.UnblockSeatsView.as_view()),
]
