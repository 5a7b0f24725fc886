"""The pages, by address."""

from django.urls import URLPattern, URLResolver, path

from marquee.web.storefront import account, bookings, checkout, closing, language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", language.LanguageView.as_view(), name="language"),
    path("password-reset/", account.PasswordResetView.as_view(), name="password-reset"),
    # Django's login page links to a URL of this name.
    path("password-reset/", account.PasswordResetView.as_view(), name="admin_password_reset"),
    path("password-reset/confirm/", account.NewPasswordView.as_view(), name="new-password"),
    path("verify-email/", account.VerifyEmailView.as_view(), name="verify-email"),
    path("change-email/", account.ChangeEmailView.as_view(), name="change-email"),
    path("delete-account/", closing.DeleteAccountView.as_view(), name="delete-account"),
    path("checkout/<str:reference>/", checkout.CheckoutView.as_view(), name="checkout"),
    path("bookings/link/", bookings.BookingLinkView.as_view(), name="booking-link"),
    path("bookings/<str:reference>/", bookings.BookingView.as_view(), name="booking"),
    path(
        "bookings/<str:reference>/cancel/",
        bookings.CancelBookingView.as_view(),
        name="cancel-booking",
    ),
    path(
        "bookings/<str:reference>/delete-data/",
        closing.AskToDeleteView.as_view(),
        name="ask-to-delete",
    ),
]
