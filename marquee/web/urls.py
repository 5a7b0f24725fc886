"""The pages, by address."""

from django.contrib.sitemaps.views import sitemap
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_safe

from marquee.accounts.states import FactorKind
from marquee.web import search_engines
from marquee.web.storefront import (
    account,
    bookings,
    change_seats,
    checkout,
    cinemas,
    closing,
    devices,
    language,
    logging_in,
    movies,
    own_bookings,
    own_data,
    profile,
    seats,
    second_factor,
    second_step,
    whats_on,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", whats_on.WhatsOnView.as_view(), name="whats-on"),
    path("movies/<id:movie_id>/", movies.MovieView.as_view(), name="movie"),
    path("cinemas/<id:cinema_id>/", cinemas.CinemaView.as_view(), name="cinema"),
    path("shows/<id:show_id>/", seats.SeatsView.as_view(), name="show"),
    path("robots.txt", require_safe(search_engines.robots), name="robots"),
    path(
        "sitemap.xml", require_safe(sitemap), {"sitemaps": search_engines.SITEMAPS}, name="sitemap"
    ),
    path("language/", language.LanguageView.as_view(), name="language"),
    path("log-in/", logging_in.LogInView.as_view(), name="log-in"),
    path(
        "log-in/second-factor/", second_step.SecondStepView.as_view(), name="log-in-second-factor"
    ),
    path(
        "log-in/second-factor/recovery-code/",
        second_step.RecoveryStepView.as_view(),
        name="log-in-recovery-code",
    ),
    path("sign-up/", logging_in.SignUpView.as_view(), name="sign-up"),
    path("log-out/", logging_in.LogOutView.as_view(), name="log-out"),
    path("account/", profile.AccountView.as_view(), name="account"),
    path("account/email/", profile.EmailView.as_view(), name="account-email"),
    path("account/verify/", profile.VerificationView.as_view(), name="account-verify"),
    path("account/password/", profile.PasswordView.as_view(), name="account-password"),
    path("account/second-factor/", second_factor.SecondFactorView.as_view(), name="second-factor"),
    path(
        "account/second-factor/authenticator/",
        second_factor.AuthenticatorView.as_view(),
        name="add-authenticator",
    ),
    path(
        "account/second-factor/passkey/",
        second_factor.PasskeyView.as_view(),
        name="add-passkey",
    ),
    path(
        "account/second-factor/passkey/make/",
        second_factor.MakePasskeyView.as_view(),
        name="make-passkey",
    ),
    path(
        "account/second-factor/recovery-codes/",
        second_factor.RecoveryCodesView.as_view(),
        name="recovery-codes",
    ),
    path(
        "account/second-factor/authenticator/<id:factor_id>/remove/",
        second_factor.RemoveFactorView.as_view(kind=FactorKind.AUTHENTICATOR),
        name="remove-authenticator",
    ),
    path(
        "account/second-factor/passkey/<id:factor_id>/remove/",
        second_factor.RemoveFactorView.as_view(kind=FactorKind.PASSKEY),
        name="remove-passkey",
    ),
    path("account/sessions/", devices.DevicesView.as_view(), name="account-devices"),
    path("account/delete/", own_data.DeletionView.as_view(), name="account-delete"),
    path("password-reset/", account.PasswordResetView.as_view(), name="password-reset"),
    # Django's login page links to a URL of this name.
    path("password-reset/", account.PasswordResetView.as_view(), name="admin_password_reset"),
    path("password-reset/confirm/", account.NewPasswordView.as_view(), name="new-password"),
    path("verify-email/", account.VerifyEmailView.as_view(), name="verify-email"),
    path("change-email/", account.ChangeEmailView.as_view(), name="change-email"),
    path("delete-account/", closing.DeleteAccountView.as_view(), name="delete-account"),
    path("checkout/<str:reference>/", checkout.CheckoutView.as_view(), name="checkout"),
    path(
        "checkout/<str:reference>/extend/",
        checkout.ExtendView.as_view(),
        name="extend-hold",
    ),
    path(
        "checkout/<str:reference>/release/",
        checkout.ReleaseView.as_view(),
        name="release-hold",
    ),
    path("bookings/link/", bookings.BookingLinkView.as_view(), name="booking-link"),
    path("bookings/", own_bookings.BookingsView.as_view(), name="my-bookings"),
    path("bookings/<str:reference>/", bookings.BookingView.as_view(), name="booking"),
    path(
        "bookings/<str:reference>/cancel/",
        bookings.CancelBookingView.as_view(),
        name="cancel-booking",
    ),
    path(
        "bookings/<str:reference>/seats/",
        change_seats.ChangeSeatsView.as_view(),
        name="change-seats",
    ),
    path(
        "bookings/<str:reference>/delete-data/",
        closing.AskToDeleteView.as_view(),
        name="ask-to-delete",
    ),
]
