"""GET me/sessions/ and POST me/sessions/log-out-others/."""

from datetime import timedelta

import pytest
import ua_parser
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ua_parser import Domain

from marquee.accounts.models import AccountEvent, LoginSession, User
from marquee.accounts.states import AccountEventKind
from tests.accounts.people import EMAIL, NEW_PASSWORD, PASSWORD, make_user
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import client_of

pytestmark = pytest.mark.django_db
LIST, LOG_OUT_OTHERS = "/api/v1/me/sessions/", "/api/v1/me/sessions/log-out-others/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def alice():
    return make_user()


def log_in(user_agent=FIREFOX, **fields):
    """Log in by the API; return the pair of tokens."""
    body = {"email": EMAIL, "password": PASSWORD, **fields}
    response = client_of().post("/api/v1/auth/login/", body, headers={"User-Agent": user_agent})
    assert response.status_code == 200, response.content
    return response.json()


def bearer(pair, user_agent=FIREFOX):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}", HTTP_USER_AGENT=user_agent)
    return client


def listed(client):
    response = client.get(LIST)
    assert response.status_code == 200, response.content
    check_response("me/sessions/", "get", response)
    return response.json()["results"]


def devices(client):
    return [(login["device"], login["current"]) for login in listed(client)]


def test_logins_are_listed_with_device_time_zone_and_times_the_last_used_first(alice):
    phone = log_in(IPHONE, time_zone="Europe/Vienna")
    desk = log_in(FIREFOX)
    (first, second) = listed(bearer(desk))
    assert (first["device"], first["time_zone"], first["current"]) == (
        "Firefox on Linux",
        None,
        True,
    )
    assert (second["device"], second["time_zone"]) == ("Mobile Safari on iOS", "Europe/Vienna")
    assert not second["current"]
    assert first["created_at"] == first["last_seen_at"]

    LoginSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    client_of().post("/api/v1/auth/refresh/", {"refresh": phone["refresh"]})
    (first, second) = listed(bearer(desk))
    assert first["time_zone"] == "Europe/Vienna"
    assert first["last_seen_at"] > second["last_seen_at"]


def test_signing_up_and_a_new_password_begin_a_login(settings):
    body = {"email": EMAIL, "password": PASSWORD, "name": "Alice", "time_zone": "Asia/Tokyo"}
    response = client_of().post("/api/v1/auth/signup/", body, headers={"User-Agent": IPHONE})
    client = bearer(response.json(), IPHONE)
    assert devices(client) == [("Mobile Safari on iOS", True)]
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    pair = client.post("/api/v1/me/password/", body).json()
    (login,) = listed(bearer(pair))
    assert (login["time_zone"], login["current"]) == ("Asia/Tokyo", True)


def test_a_guest_has_a_login_too():
    body = {"email": EMAIL, "name": "Alice", "time_zone": "Europe/Rome"}
    response = client_of().post("/api/v1/auth/guest/", body, headers={"User-Agent": FIREFOX})
    client = bearer(response.json())
    (login,) = listed(client)
    assert (login["device"], login["time_zone"]) == ("Firefox on Linux", "Europe/Rome")
    pair = client.post(LOG_OUT_OTHERS).json()
    check_problem(client.get("/api/v1/me/"), 401, "not_authenticated")
    guest = User.objects.get()
    guest.name = "Alice Liddell"
    guest.save()  # a row without a password
    assert bearer(pair).get("/api/v1/me/").status_code == 200


def test_only_ones_own_live_logins_are_listed(alice):
    make_user("bob@example.com")
    log_in(email="bob@example.com")
    log_in(IPHONE)
    expired = LoginSession.objects.latest("created_at")
    ago = timezone.now() - timedelta(seconds=1)
    LoginSession.objects.filter(pk=expired.pk).update(expires_at=ago)
    gone = log_in(IPHONE)
    client_of().post("/api/v1/auth/logout/", {"refresh": gone["refresh"]})
    assert devices(bearer(log_in())) == [("Firefox on Linux", True)]


def test_the_list_comes_in_pages_and_knows_no_other_parameter(alice):
    pair = [log_in() for _ in range(3)][-1]
    client = bearer(pair)
    page = client.get(f"{LIST}?page_size=2").json()
    rest = client.get(page["next"]).json()
    assert (len(page["results"]), len(rest["results"]), rest["next"]) == (2, 1, None)
    check_problem(client.get(f"{LIST}?user=1"), 400, "invalid")


def test_a_login_in_a_browser_is_listed_until_it_logs_out(alice):
    client = bearer(log_in(IPHONE))
    browser = Client(headers={"User-Agent": FIREFOX})
    alice.is_staff = alice.is_superuser = True
    alice.save()
    form = {"username": EMAIL, "password": PASSWORD}
    assert browser.post(reverse("admin:login"), form).status_code == 302
    assert devices(client) == [("Firefox on Linux", False), ("Mobile Safari on iOS", True)]
    assert browser.get(reverse("admin:index")).status_code == 200
    assert len(listed(client)) == 2
    assert browser.post(reverse("admin:logout")).status_code == 200
    assert devices(client) == [("Mobile Safari on iOS", True)]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Fire\x00fox\t\x1b[31m \u202eevil", "Fire fox [31m evil"),
        ("x" * 1000, "x" * 300),
        ("", ""),
    ],
)
def test_a_device_is_stored_as_the_client_says_cut_and_cleaned(alice, sent, stored):
    log_in(sent)
    assert LoginSession.objects.get().user_agent == stored


def test_an_unreadable_device_is_no_device(alice):
    assert devices(bearer(log_in("\x00\x01"))) == [(None, True)]


def test_which_device_it_is_is_not_looked_for(alice, monkeypatch):
    """That took 12 ms for a made-up text, of which a page has up to 100."""
    asked, resolver = [], ua_parser.parser.resolver

    def resolve(text, domains):
        asked.append(domains)
        return resolver(text, domains)

    monkeypatch.setattr(ua_parser.parser, "resolver", resolve)
    listed(bearer(log_in("Made/7 (up)")))
    assert asked
    assert not any(Domain.DEVICE in domains for domains in asked)


@pytest.mark.parametrize("zone", ["Vienna", "europe/vienna", "../etc/passwd", "x" * 100, "", 5])
def test_a_time_zone_that_is_none_is_refused_by_name_and_logs_nobody_in(alice, zone):
    body = {"email": EMAIL, "password": PASSWORD, "time_zone": zone}
    response = client_of().post("/api/v1/auth/login/", body)
    body = check_problem(response, 400, "invalid")
    assert [error["field"] for error in body["errors"]] == ["time_zone"]
    assert not LoginSession.objects.exists()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Calcutta", "Etc/GMT-1"])
def test_every_name_that_a_browser_may_send_is_a_time_zone(alice, zone):
    log_in(time_zone=zone)
    assert LoginSession.objects.get().time_zone == zone


def test_logging_out_everywhere_else_leaves_one_login(alice):
    here, elsewhere = log_in(IPHONE, time_zone="Europe/Vienna"), log_in(FIREFOX)
    response = bearer(here, IPHONE).post(LOG_OUT_OTHERS)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    check_response("me/sessions/log-out-others/", "post", response)
    (login,) = listed(bearer(response.json()))
    assert (login["device"], login["time_zone"]) == ("Mobile Safari on iOS", "Europe/Vienna")
    for pair in (here, elsewhere):
        check_problem(bearer(pair).get("/api/v1/me/"), 401, "not_authenticated")
        refresh = client_of().post("/api/v1/auth/refresh/", {"refresh": pair["refresh"]})
        check_problem(refresh, 401, "bad_credentials")
    new = client_of().post("/api/v1/auth/refresh/", {"refresh": response.json()["refresh"]})
    assert new.status_code == 200
    event = AccountEvent.objects.get(kind=AccountEventKind.LOGGED_OUT_OTHERS)
    assert (event.user, event.actor) == (alice, alice)


def test_logging_out_everywhere_else_is_limited_and_takes_no_body(alice, settings):
    client = bearer(log_in())
    check_problem(client.post(LOG_OUT_OTHERS, {"all": True}), 400, "invalid")
    settings.REFRESH_LIMIT = 1
    for _ in range(5):
        client = bearer(client.post(LOG_OUT_OTHERS).json())
    response = client.post(LOG_OUT_OTHERS)
    check_problem(response, 429, "too_many_attempts")
    assert client.get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_logins_need_a_token(method):
    address = LIST if method == "get" else LOG_OUT_OTHERS
    check_problem(getattr(client_of(), method)(address), 401, "not_authenticated")


def test_a_token_of_before_the_list_has_no_current_login(alice):
    log_in()
    client = client_of(User.objects.get())
    assert devices(client) == [("Firefox on Linux", False)]
    assert bearer(client.post(LOG_OUT_OTHERS).json()).get("/api/v1/me/").status_code == 200


def test_a_login_of_before_the_list_is_in_it_after_its_next_refresh(alice):
    pair = log_in()
    LoginSession.objects.all().delete()
    response = client_of().post(
        "/api/v1/auth/refresh/", {"refresh": pair["refresh"]}, headers={"User-Agent": IPHONE}
    )
    assert devices(bearer(response.json())) == [("Mobile Safari on iOS", True)]
