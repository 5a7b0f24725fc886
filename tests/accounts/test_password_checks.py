"""Who shares an address with a guesser gets in all the same; and the guesser learns nothing by that."""

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
CROWD = 10  # wrong passwords of a client in a minute, at a limit of 2


@pytest.fixture(autouse=True)
def limit(settings):
    settings.LOGIN_LIMIT = 2


@pytest.fixture
def admin_client(db):
    return make_user(STAFF, is_staff=True)


def attempt(email=EMAIL, password="wrong", networks=(CLIENT,)):
    """Return what an attempt comes to: "in", "wrong", or how it was refused."""
    try:
        user = password_checks.authenticate(email=email, password=password, networks=networks)
    except TooManyAttempts as refusal:
        return refusal.detail.split()[0]
    return "in" if user else "wrong"


REFUSED = "Try"


def crowd(networks=(CLIENT,), attempts=CROWD):
    """Guess at addresses that nobody has."""
    return [attempt(f"{number}@nobody.example", networks=networks) for number in range(attempts)]


def wear_out(email=EMAIL, *, ceiling):
    """Guess at one address from many clients until its ceiling."""
    tried = [attempt(email, networks=[f"192.0.3.{number}"]) for number in range(ceiling)]
    assert tried == ["wrong"] * ceiling


def end_the_time():
    AttemptCount.objects.exclude(key__startswith="known").update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )


# --- An address from a client ---------------------------------------------------------------------


def test_as_many_wrong_passwords_as_the_limit_are_looked_at(alice):
    assert [attempt() for _ in range(4)] == ["wrong", "wrong", REFUSED, REFUSED]
    assert attempt(password=PASSWORD) == REFUSED
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == "in"


def test_an_address_is_counted_whatever_its_case(alice):
    assert attempt("ALICE@Example.COM ") == attempt(" alice@EXAMPLE.com") == "wrong"
    assert attempt() == REFUSED


def test_the_right_password_is_not_counted(alice):
    assert [attempt(password=PASSWORD) for _ in range(CROWD * 2)] == ["in"] * CROWD * 2
    assert [attempt() for _ in range(3)] == ["wrong", "wrong", REFUSED]


def test_the_right_password_does_not_clear_the_wrong_ones(alice):
    assert [attempt(), attempt(password=PASSWORD), attempt()] == ["wrong", "in", "wrong"]
    assert attempt(password=PASSWORD) == REFUSED


def test_one_address_tried_again_and_again_leaves_the_client_to_others(alice, admin_client):
    assert [attempt() for _ in range(50)].count(REFUSED) == 48
    make_user("bob@example.com")
    assert attempt("bob@example.com", PASSWORD) == "in"


def test_forty_networks_of_one_office_are_not_forty_clients(alice):
    tried = [attempt(networks=[f"{n}/64", f"{n}/56", "office/48"]) for n in range(40)]
    assert tried == ["wrong"] * 8 + [REFUSED] * 32
    assert attempt(networks=["0/64", "0/56", "another/48"]) == "wrong"


def test_an_attempt_is_over_after_the_minute(alice):
    assert [attempt() for _ in range(3)][-1] == REFUSED
    end_the_time()
    assert attempt(password=PASSWORD) == "in"


# --- A client, whatever the addresses -------------------------------------------------------------


def test_a_client_that_tries_many_addresses_is_stopped(alice):
    assert crowd(attempts=CROWD + 5) == ["wrong"] * CROWD + [REFUSED] * 5
    assert attempt(password=PASSWORD) == REFUSED
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == "in"


def test_staff_get_in_however_many_guess_beside_them(alice, admin_client):
    crowd(attempts=CROWD * 4)
    assert [attempt(STAFF, PASSWORD) for _ in range(5)] == ["in"] * 5
    assert attempt(password=PASSWORD) == REFUSED


def test_staff_passwords_are_guessed_no_faster_in_a_crowd(admin_client):
    crowd()
    assert [attempt(STAFF) for _ in range(3)] == [REFUSED] * 3
    assert attempt(STAFF, PASSWORD) == REFUSED
    end_the_time()
    assert attempt(STAFF, PASSWORD) == "in"


def test_networks_that_are_crowded_one_by_one_share_a_ceiling_for_staff(admin_client, settings):
    settings.LOGIN_CEILING = 3
    for number in range(3):
        crowd(networks=[f"192.0.2.{number}"])
        attempt(STAFF, networks=[f"192.0.2.{number}"])
    crowd()
    assert attempt(STAFF, PASSWORD) == REFUSED


def observe(email):
    """Return all that a guesser sees of a wrong password: the refusal, the statements, the hashes."""
    with (
        patch.object(Argon2, "verify", autospec=True, side_effect=Argon2.verify) as verify,
        patch.object(Argon2, "encode", autospec=True, side_effect=Argon2.encode) as encode,
        CaptureQueriesContext(connection) as queries,
    ):
        refusal = attempt(email)
    statements = [re.sub(r"'[^']*'", "?", query["sql"]) for query in queries]
    return refusal, statements, verify.call_count + encode.call_count


WHO = [STAFF, EMAIL, "nobody@example.com"]


def test_in_a_crowd_a_guesser_cannot_tell_who_is_staff(alice, admin_client, settings):
    settings.LOGIN_CEILING = 100
    crowd()
    for _ in range(4):  # the reserve of staff is used up, too
        seen = [observe(email) for email in WHO]
        assert seen[0] == seen[1] == seen[2]
        assert (seen[0][0], seen[0][2]) == (REFUSED, 1)


def test_after_the_crowd_a_guesser_cannot_tell_who_is_staff(alice, admin_client, settings):
    settings.LOGIN_CEILING = 5
    crowd()
    for email in WHO * 4:
        attempt(email)
    AttemptCount.objects.filter(key__startswith="logins").delete()
    for _ in range(3):
        seen = [attempt(email) for email in WHO]
        assert len(set(seen)) == 1


def test_a_crowded_client_writes_no_rows_for_addresses_it_thinks_up(admin_client, settings):
    settings.LOGIN_CEILING = 100
    crowd(attempts=CROWD)
    before = AttemptCount.objects.count()
    crowd(attempts=CROWD * 10)
    blanks = password_checks.DUMMY_COUNTERS * 2
    assert AttemptCount.objects.count() <= before + blanks


def test_a_crowded_client_writes_no_rows_for_accounts_it_knows_of(settings):
    settings.LOGIN_CEILING = 100
    people = [User(email=f"{number}@example.org", password="!") for number in range(60)]
    User.objects.bulk_create(people)
    crowd()
    before = AttemptCount.objects.count()
    assert {attempt(user.email) for user in people} == {REFUSED}
    assert AttemptCount.objects.count() <= before + password_checks.DUMMY_COUNTERS * 2


def test_a_client_is_hashed_for_up_to_a_bound(admin_client, monkeypatch):
    monkeypatch.setattr(password_checks, "MAX_HASHES", 2)
    crowd(attempts=CROWD * 2)
    refusal, _, hashes = observe(STAFF)
    assert (refusal, hashes) == (REFUSED, 0)
    assert observe(EMAIL) == observe(STAFF)


# --- An address, from whatever clients ------------------------------------------------------------


def test_many_clients_together_try_an_address_up_to_the_ceiling(alice, settings):
    settings.LOGIN_CEILING = 5
    wear_out(ceiling=5)
    assert attempt(networks=[ELSEWHERE]) == REFUSED
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == REFUSED
    end_the_time()
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == "in"


def test_the_owner_gets_in_from_where_they_logged_in_before(alice, settings):
    settings.LOGIN_CEILING = 5
    assert attempt(password=PASSWORD) == "in"
    wear_out(ceiling=5)
    assert [attempt(password=PASSWORD) for _ in range(3)] == ["in"] * 3
    assert attempt(password=PASSWORD, networks=[ELSEWHERE]) == REFUSED


def test_where_the_owner_logged_in_before_passwords_are_guessed_no_faster(alice, settings):
    settings.LOGIN_CEILING = 5
    attempt(password=PASSWORD)
    wear_out(ceiling=5)
    assert [attempt() for _ in range(3)] == [REFUSED] * 3
    assert attempt(password=PASSWORD) == REFUSED


def test_where_the_owner_logged_in_before_the_ceiling_is_not_theirs(alice, settings):
    settings.LOGIN_CEILING = 3
    attempt(password=PASSWORD)
    wear_out(ceiling=3)
    for _ in range(3):
        assert [attempt(), attempt()] == [REFUSED] * 2
        minute_ago = datetime.now(UTC) - timedelta(seconds=1)
        minutes = AttemptCount.objects.exclude(key__contains="-hour:")
        minutes.exclude(key__startswith="known").update(expires_at=minute_ago)
    assert attempt(password=PASSWORD) == "in"


def test_nobody_can_tell_where_an_owner_logged_in_before(alice, settings):
    settings.LOGIN_CEILING = 2
    make_user("bob@example.com")
    attempt(password=PASSWORD)
    for email in (EMAIL, "bob@example.com", "nobody@example.com"):
        wear_out(email, ceiling=2)
    here, elsewhere, nobody = map(observe, (EMAIL, "bob@example.com", "nobody@example.com"))
    assert here == elsewhere == nobody
    assert (here[0], here[2]) == (REFUSED, 1)


def test_a_worn_out_address_leaves_every_other_alone(alice, admin_client, settings):
    settings.LOGIN_CEILING = 3
    wear_out(ceiling=3)
    assert attempt(STAFF, PASSWORD, networks=[ELSEWHERE]) == "in"


# --- Whatever else checks a password --------------------------------------------------------------


def change(user, old="wrong", networks=(CLIENT,)):
    try:
        operations.change_password(user=user, old=old, new=NEW_PASSWORD, networks=networks)
    except TooManyAttempts:
        return REFUSED
    except WrongPassword:
        return "wrong"
    return "changed"


def test_the_old_password_is_guessed_as_often_as_one_logs_in(alice):
    assert [change(alice) for _ in range(3)] == ["wrong", "wrong", REFUSED]
    assert change(alice, PASSWORD) == REFUSED
    assert change(alice, PASSWORD, [ELSEWHERE]) == "changed"


def test_the_right_old_password_is_not_counted(alice):
    for number in range(5):
        assert password_checks.check_password(user=alice, password=PASSWORD, networks=[CLIENT]), (
            number
        )
    assert [change(alice) for _ in range(3)] == ["wrong", "wrong", REFUSED]


def test_a_thief_of_a_token_does_not_keep_the_owner_from_a_new_password(alice, settings):
    settings.LOGIN_CEILING = 3
    attempt(password=PASSWORD)
    tried = [change(alice, networks=[f"192.0.3.{number}"]) for number in range(5)]
    assert tried == ["wrong"] * 3 + [REFUSED] * 2
    assert change(alice, PASSWORD) == "changed"


def test_the_admin_counts_attempts_as_the_api_does(alice, admin_client):
    request = RequestFactory().post("/admin/login/", REMOTE_ADDR=CLIENT)
    crowd()
    assert authenticate(request, username=STAFF, password=PASSWORD) == admin_client
    assert authenticate(request, username=EMAIL, password=PASSWORD) is None
    assert authenticate(None, username=EMAIL, password=PASSWORD) == alice
