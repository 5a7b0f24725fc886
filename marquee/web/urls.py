"""The pages, by address."""

from django.urls import URLPattern, URLResolver, path

from marquee.web.storefront import account, language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", language.LanguageView.as_view(), name="language"),
    path("password-reset/", account.PasswordResetView.as_view(), name="password-reset"),
    # Django's login page links to a URL of this name.
    path("password-reset/", account.PasswordResetView.as_view(), name="admin_password_reset"),
]
