"""Password limits: owners who share a network with a guesser can log in, and the guesser learns nothing."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from marquee.accounts import operations, password_checks
from marquee.accounts.errors import TooManyAttempts, WrongPassword
from marquee.accounts.hashers import Argon2
from marquee.accounts.models import AttemptCount, User
from tests.accounts.people import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, make_user

pytestmark = pytest.mark.django_db
STAFF = "office@example.com"
ELSEWHERE = "192.0.2.99"
CLIENT_LIMIT = 10  # wrong passwords a minute from one client, where LOGIN_LIMIT is 2


@pytest.fixture(autouse=True)
def limit(settings):
    settings.LOGIN_LIMIT = 2


@pytest.fixture
def staff(db):
    return make_user(STAFF, is_staff=True)


def attempt(email=EMAIL, password="wrong", networks=(CLIENT,)):
    """Return the result of an attempt: "in", "wrong", or the first word of the refusal."""
    try:
        user = password_checks.authenticate(email=email, password=password, networks=networks)
    except TooManyAttempts as refusal:
        return refusal.detail.split()[0]
    return "in" if user else "wrong"


REFUSED = "Try"


def exceed_client_limit(networks=(CLIENT,), attempts=CLIENT_LIMIT):
    """Send wrong passwords for addresses without accounts."""
    return [attempt(f"{number}@nobody.example", networks=networks) for number in range(attempts)]


def exceed_hourly_limit(email=EMAIL, *, ceiling):
    """Send wrong passwords for an address from many clients, up to its hourly limit."""
    results = [attempt(email, networks=[f"192.0.3.{number}"]) for number in range(ceiling)]
    assert results == ["wrong"] * ceiling


def expire_counts():
    AttemptCount.objects.exclude(key__startswith="known").update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )


# --- An address from a client ---------------------------------------------------------------------


def test_wrong_passwords_are_checked_up_to_the_limit(alice):
    assert [attempt() for _ in range(4)] == ["wrong", "wrong", REFUSED, REFUSED]
    assert attempt(password=PASSWORD) == REFUSED
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == "in"


def test_an_address_is_counted_whatever_its_case(alice):
    assert attempt("ALICE@Example.COM ") == attempt(" alice@EXAMPLE.com") == "wrong"
    assert attempt() == REFUSED


def test_the_right_password_is_not_counted(alice):
    assert [attempt(password=PASSWORD) for _ in range(CLIENT_LIMIT * 2)] == [
        "in"
    ] * CLIENT_LIMIT * 2
    assert [attempt() for _ in range(3)] == ["wrong", "wrong", REFUSED]


def test_the_right_password_does_not_clear_the_wrong_ones(alice):
    assert [attempt(), attempt(password=PASSWORD), attempt()] == ["wrong", "in", "wrong"]
    assert attempt(password=PASSWORD) == REFUSED


def test_refused_attempts_at_one_address_do_not_use_up_the_limit_of_the_client(alice, staff):
    assert [attempt() for _ in range(50)].count(REFUSED) == 48
    make_user("bob@example.com")
    assert attempt("bob@example.com", PASSWORD) == "in"


def test_forty_networks_of_one_office_are_not_forty_clients(alice):
    results = [attempt(networks=[f"{n}/64", f"{n}/56", "office/48"]) for n in range(40)]
    assert results == ["wrong"] * 8 + [REFUSED] * 32
    assert attempt(networks=["0/64", "0/56", "another/48"]) == "wrong"


def test_an_attempt_is_forgotten_after_a_minute(alice):
    assert [attempt() for _ in range(3)][-1] == REFUSED
    expire_counts()
    assert attempt(password=PASSWORD) == "in"


# --- A client, over all addresses ---------------------------------------------------------------


def test_a_client_that_tries_many_addresses_is_stopped(alice):
    assert (
        exceed_client_limit(attempts=CLIENT_LIMIT + 5) == ["wrong"] * CLIENT_LIMIT + [REFUSED] * 5
    )
    assert attempt(password=PASSWORD) == REFUSED
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == "in"


def test_staff_can_log_in_from_a_client_over_its_limit(alice, staff):
    exceed_client_limit(attempts=CLIENT_LIMIT * 4)
    assert [attempt(STAFF, PASSWORD) for _ in range(5)] == ["in"] * 5
    assert attempt(password=PASSWORD) == REFUSED


def test_staff_passwords_cannot_be_guessed_faster_from_a_client_over_its_limit(staff):
    exceed_client_limit()
    assert [attempt(STAFF) for _ in range(3)] == [REFUSED] * 3
    assert attempt(STAFF, PASSWORD) == REFUSED
    expire_counts()
    assert attempt(STAFF, PASSWORD) == "in"


def test_networks_over_their_limits_share_the_hourly_limit_of_staff(staff, settings):
    settings.LOGIN_CEILING = 3
    for number in range(3):
        exceed_client_limit(networks=[f"192.0.2.{number}"])
        attempt(STAFF, networks=[f"192.0.2.{number}"])
    exceed_client_limit()
    assert attempt(STAFF, PASSWORD) == REFUSED


def observe(email):
    """Return all that a guesser can observe: the refusal, the statements, the number of hashes."""
    with (
        patch.object(Argon2, "verify", autospec=True, side_effect=Argon2.verify) as verify,
        patch.object(Argon2, "encode", autospec=True, side_effect=Argon2.encode) as encode,
        CaptureQueriesContext(connection) as queries,
    ):
        refusal = attempt(email)
    statements = [re.sub(r"'[^']*'", "?", query["sql"]) for query in queries]
    return refusal, statements, verify.call_count + encode.call_count


WHO = [STAFF, EMAIL, "nobody@example.com"]


def test_over_the_limit_of_a_client_a_guesser_cannot_see_who_is_staff(alice, staff, settings):
    settings.LOGIN_CEILING = 100
    exceed_client_limit()
    for _ in range(4):  # the reserve of staff is used up, too
        seen = [observe(email) for email in WHO]
        assert seen[0] == seen[1] == seen[2]
        assert (seen[0][0], seen[0][2]) == (REFUSED, 1)


def test_after_the_limit_of_a_client_a_guesser_cannot_see_who_is_staff(alice, staff, settings):
    settings.LOGIN_CEILING = 5
    exceed_client_limit()
    for email in WHO * 4:
        attempt(email)
    AttemptCount.objects.filter(key__startswith="logins").delete()
    for _ in range(3):
        seen = [attempt(email) for email in WHO]
        assert len(set(seen)) == 1


def test_a_client_over_its_limit_adds_no_rows_for_made_up_addresses(staff, settings):
    settings.LOGIN_CEILING = 100
    exceed_client_limit(attempts=CLIENT_LIMIT)
    before = AttemptCount.objects.count()
    exceed_client_limit(attempts=CLIENT_LIMIT * 10)
    blanks = password_checks.DUMMY_COUNTERS * 2
    assert AttemptCount.objects.count() <= before + blanks


def test_a_client_over_its_limit_adds_no_rows_for_existing_accounts(settings):
    settings.LOGIN_CEILING = 100
    people = [User(email=f"{number}@example.org", password="!") for number in range(60)]
    User.objects.bulk_create(people)
    exceed_client_limit()
    before = AttemptCount.objects.count()
    assert {attempt(user.email) for user in people} == {REFUSED}
    assert AttemptCount.objects.count() <= before + password_checks.DUMMY_COUNTERS * 2


def test_a_client_causes_a_limited_number_of_hashes(staff, monkeypatch):
    monkeypatch.setattr(password_checks, "MAX_HASHES", 2)
    exceed_client_limit(attempts=CLIENT_LIMIT * 2)
    refusal, _, hashes = observe(STAFF)
    assert (refusal, hashes) == (REFUSED, 0)
    assert observe(EMAIL) == observe(STAFF)


# --- An address, from all clients -----------------------------------------------------------------


def test_many_clients_together_try_an_address_up_to_the_hourly_limit(alice, settings):
    settings.LOGIN_CEILING = 5
    exceed_hourly_limit(ceiling=5)
    assert attempt(networks=[ELSEWHERE]) == REFUSED
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == REFUSED
    expire_counts()
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == "in"


def test_the_owner_can_log_in_from_a_known_network(alice, settings):
    settings.LOGIN_CEILING = 5
    assert attempt(password=PASSWORD) == "in"
    exceed_hourly_limit(ceiling=5)
    assert [attempt(password=PASSWORD) for _ in range(3)] == ["in"] * 3
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == REFUSED


def test_from_a_known_network_passwords_cannot_be_guessed_faster(alice, settings):
    settings.LOGIN_CEILING = 5
    attempt(password=PASSWORD)
    exceed_hourly_limit(ceiling=5)
    assert [attempt() for _ in range(3)] == [REFUSED] * 3
    assert attempt(password=PASSWORD) == REFUSED


def test_from_a_known_network_wrong_passwords_do_not_lock_the_owner_out(alice, settings):
    settings.LOGIN_CEILING = 3
    attempt(password=PASSWORD)
    exceed_hourly_limit(ceiling=3)
    for _ in range(3):
        assert [attempt(), attempt()] == [REFUSED] * 2
        minute_ago = datetime.now(UTC) - timedelta(seconds=1)
        minutes = AttemptCount.objects.exclude(key__contains="-hour:")
        minutes.exclude(key__startswith="known").update(expires_at=minute_ago)
    assert attempt(password=PASSWORD) == "in"


def test_a_guesser_cannot_see_which_networks_are_known(alice, settings):
    settings.LOGIN_CEILING = 2
    make_user("bob@example.com")
    attempt(password=PASSWORD)
    for email in (EMAIL, "bob@example.com", "nobody@example.com"):
        exceed_hourly_limit(email, ceiling=2)
    here, elsewhere, nobody = map(observe, (EMAIL, "bob@example.com", "nobody@example.com"))
    assert here == elsewhere == nobody
    assert (here[0], here[2]) == (REFUSED, 1)


def test_an_address_over_its_hourly_limit_does_not_affect_other_addresses(alice, staff, settings):
    settings.LOGIN_CEILING = 3
    exceed_hourly_limit(ceiling=3)
    assert attempt(STAFF, PASSWORD, networks=[ELSEWHERE]) == "in"


# --- Other password checks ------------------------------------------------------------------------


def change(user, old="wrong", networks=(CLIENT,)):
    try:
        operations.change_password(user=user, old=old, new=NEW_PASSWORD, networks=networks)
    except TooManyAttempts:
        return REFUSED
    except WrongPassword:
        return "wrong"
    return "changed"


def test_the_old_password_has_the_same_limit_as_logins(alice):
    assert [change(alice) for _ in range(3)] == ["wrong", "wrong", REFUSED]
    assert change(alice, PASSWORD) == REFUSED
    assert change(alice, PASSWORD, [ELSEWHERE]) == "changed"


def test_the_right_old_password_is_not_counted(alice):
    for number in range(5):
        assert password_checks.check_password(user=alice, password=PASSWORD, networks=[CLIENT]), (
            number
        )
    assert [change(alice) for _ in range(3)] == ["wrong", "wrong", REFUSED]


def test_a_thief_of_a_token_cannot_stop_the_owner_from_changing_the_password(alice, settings):
    settings.LOGIN_CEILING = 3
    attempt(password=PASSWORD)
    results = [change(alice, networks=[f"192.0.3.{number}"]) for number in range(5)]
    assert results == ["wrong"] * 3 + [REFUSED] * 2
    assert change(alice, PASSWORD) == "changed"


def test_the_admin_counts_attempts_as_the_api_does(alice, staff):
    request = RequestFactory().post("/admin/login/", REMOTE_ADDR=CLIENT)
    exceed_client_limit()
    assert authenticate(request, username=STAFF, password=PASSWORD) == staff
    assert authenticate(request, username=EMAIL, password=PASSWORD) is None
    assert authenticate(None, username=EMAIL, password=PASSWORD) == alice
