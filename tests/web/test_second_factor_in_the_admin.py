"""Django's admin and the second factor: its own login, who must add one, and resetting somebody else's."""

import pytest
from django.urls import reverse

from marquee.accounts import browser_sessions, second_factors
from marquee.accounts.models import AccountEvent, User
from marquee.audit.models import AuditEntry
from tests.accounts.factors import code_of, recovery_codes, with_app
from tests.factories import client_of, make_staff, make_superuser
from tests.web.factor_pages import (
    APP,
    EMAIL,
    LOGIN,
    PAGE,
    PASSWORD,
    STEP,
    add_app,
    codes_on,
    is_logged_in,
)
from tests.web.html import all_tables, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_staff(email=EMAIL, password=PASSWORD, language="en")


@pytest.fixture
def boss():
    return make_superuser()


def admin_login(client, user):
    fields = {"username": user.email, "password": PASSWORD}
    return client.post("/admin/login/?next=/admin/", fields)


def test_the_admins_own_login_asks_for_the_factor(client, boss):
    with_app(boss)

    response = admin_login(client, boss)

    assert response["Location"] == f"{STEP}?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302
    assert not is_logged_in(client)
    assert client.post(response["Location"], {"code": code_of()})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_other_staff_cannot_pass_by_the_admins_login_either(client, anna):
    with_app(anna)
    admin_login(client, anna)

    assert not is_logged_in(client)


def test_an_administrator_adds_a_factor_at_the_next_login_where_it_is_demanded(
    client, boss, settings
):
    assert admin_login(client, boss)["Location"] == "/admin/"
    client.logout()
    settings.REQUIRE_SECOND_FACTOR = frozenset({"administrator"})
    for response in (
        admin_login(client, boss),
        client.get("/admin/login/?next=/admin/"),
        client.post("/log-in/?next=/admin/", {"email": boss.email, "password": PASSWORD}),
    ):
        assert response["Location"] == f"{PAGE}?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302
    assert "Your role needs a second factor" in text(client.get(f"{PAGE}?next=/admin/"))

    assert len(codes_on(add_app(client))) == 10

    assert client.get("/admin/").status_code == 200


def test_a_session_from_before_the_factor_does_not_open_the_admin(client, boss):
    client.force_login(boss)
    assert client.get("/admin/").status_code == 200
    with_app(boss)

    assert client.get("/admin/").status_code == 302
    assert client.get(PAGE)["Location"] == f"{STEP}?next=%2Faccount%2Fsecond-factor%2F"
    assert client.post(STEP, {"code": code_of()}).status_code == 302


def test_whoever_becomes_an_administrator_while_logged_in_adds_a_factor_first(
    client, anna, settings
):
    settings.REQUIRE_SECOND_FACTOR = frozenset({"administrator"})
    client.post("/log-in/", LOGIN)
    api = client_of(anna)
    User.objects.filter(pk=anna.pk).update(is_superuser=True)

    assert client.get("/admin/", follow=True).request["PATH_INFO"] == PAGE
    refused = api.delete("/api/v1/movies/1/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    add_app(client)

    assert client.get("/admin/").status_code == 200
    assert api.get("/api/v1/me/").status_code == 401  # a token from before the factor


def test_where_a_factor_is_demanded_removing_the_last_one_closes_the_admin(client, boss, settings):
    settings.REQUIRE_SECOND_FACTOR = frozenset({"administrator"})
    admin_login(client, boss)
    add_app(client)
    assert client.get("/admin/").status_code == 200
    (factor,) = second_factors.factors_of(boss)

    client.post(f"{APP}{factor.id}/remove/", {"password": PASSWORD})

    assert client.get("/admin/", follow=True).request["PATH_INFO"] == PAGE


def test_an_administrator_resets_the_factor_of_somebody_else(client, boss, anna):
    with_app(anna)
    recovery_codes(anna)
    client.force_login(boss)
    epoch = anna.token_epoch
    user_page = reverse("admin:accounts_user_change", args=[anna.pk])
    page = reverse("admin:accounts_user_reset_second_factor", args=[anna.pk])
    assert page in client.get(user_page).content.decode()
    assert f'href="{user_page}"' in client.get(page).content.decode()
    assert second_factors.has_factor(anna.pk)

    assert client.post(page)["Location"] == user_page

    assert not second_factors.has_factor(anna.pk)
    assert second_factors.recovery_codes_left(anna) == 0
    anna.refresh_from_db()
    assert anna.token_epoch > epoch
    event = AccountEvent.objects.filter(
        user=anna
    ).last()  # which is mailed: tests/mail/test_planning.py
    assert (event.kind, event.by, event.actor) == ("factor_reset", "staff", boss)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id) == ("second_factor_reset", boss.pk)
    assert entry.subject_id == str(anna.pk)


def test_nobody_resets_their_own_factor_or_as_other_staff(client, boss, anna):
    with_app(boss)
    client.force_login(boss)
    session = client.session
    session[browser_sessions.VERIFIED] = True
    session.save()
    page = reverse("admin:accounts_user_reset_second_factor", args=[boss.pk])
    before = all_tables()["account_event"], boss.token_epoch

    assert "Remove your own factors at" in client.post(page, follow=True).content.decode()
    assert client.post(page.replace(str(boss.pk), "999999")).status_code == 403
    client.force_login(anna)
    assert client.post(page).status_code == 302

    assert second_factors.has_factor(boss.pk)
    boss.refresh_from_db()
    assert (all_tables()["account_event"], boss.token_epoch) == before
    assert not AuditEntry.objects.exists()


def test_the_admin_shows_no_secrets(client, boss):
    client.force_login(boss)

    for app in ("otp_totp", "otp_static", "django_otp_webauthn"):
        assert client.get(f"/admin/{app}/").status_code == 404
