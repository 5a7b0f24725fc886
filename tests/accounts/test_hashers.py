"""ARGON2_AT_ONCE: how many passwords a process hashes at once, and what the others get."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client
from django.urls import reverse

from marquee.accounts import hashers, operations, password_checks
from marquee.accounts.models import AttemptCount
from marquee.core.errors import Busy
from tests.accounts.people import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, make_user
from tests.api.problems import check_problem
from tests.factories import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_at_once(settings):
    settings.ARGON2_AT_ONCE = 1
    hashers._new_queue.cache_clear()


@pytest.fixture
def full():
    """Hold every place of this process, as if its other threads hashed or waited."""
    places = hashers._queue(1).places
    taken = [places.acquire(blocking=False) for _ in range(1 + hashers.MAX_WAITING)]
    assert all(taken)
    yield
    places.release(len(taken))


def hash_in_threads(number, refused, monkeypatch, *, at_once):
    """Hash in so many threads; those that hash stay in until so many do, and so many others were refused.

    Return how many hashed, how many were refused, and how many hashed at once at most.
    """
    start, results, inside, most = Barrier(number), [], [], []
    others_are_done = Event()
    plain = Argon2PasswordHasher.encode

    def look():
        if results.count("refused") >= refused and max(most, default=0) >= at_once:
            others_are_done.set()

    def encode(self, password, salt):
        inside.append(1)
        most.append(len(inside))
        look()
        assert others_are_done.wait(timeout=30)
        inside.pop()
        return plain(self, password, salt)

    def run(_):
        start.wait(timeout=30)
        try:
            make_password(PASSWORD)
            results.append("hashed")
        except Busy:
            results.append("refused")
        look()

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(number) as threads:
        list(threads.map(run, range(number)))
    return results.count("hashed"), results.count("refused"), max(most)


def test_one_hashes_one_waits_and_others_are_refused_at_once(monkeypatch):
    assert hash_in_threads(4, 2, monkeypatch, at_once=1) == (2, 2, 1)


def test_as_many_hash_at_once_as_the_setting_says(monkeypatch, settings):
    settings.ARGON2_AT_ONCE = 2
    assert hash_in_threads(4, 1, monkeypatch, at_once=2) == (3, 1, 2)


def test_without_a_limit_all_hash_at_once(monkeypatch, settings):
    settings.ARGON2_AT_ONCE = 0
    assert hash_in_threads(4, 0, monkeypatch, at_once=4) == (4, 0, 4)


def test_threads_that_hash_first_at_the_same_moment_share_one_queue(monkeypatch):
    start, made = Barrier(2), hashers._Queue.__init__

    def slowly(self, at_once):
        sleep(0.05)  # so that both would make one
        made(self, at_once)

    def queue(_):
        start.wait(timeout=30)
        return hashers._queue(7)

    monkeypatch.setattr(hashers._Queue, "__init__", slowly)
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(queue, range(2))
    assert one is other


def test_a_place_is_given_back_after_an_error():
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), hashers.place(), hashers.place():
            1 / 0  # noqa: B018 (the error)
    assert make_password(PASSWORD)


def test_who_has_a_place_is_not_refused_by_its_own_hashes(full):
    with pytest.raises(Busy):
        make_password(PASSWORD)
    hashers._queue(1).places.release()
    with hashers.place():
        assert make_password(PASSWORD)
        assert make_password(PASSWORD)
    assert hashers._queue(1).places.acquire(blocking=False)


REQUESTS = [
    ("auth/login/", {"email": EMAIL, "password": PASSWORD}),
    ("auth/login/", {"email": "nobody@example.com", "password": "wrong"}),
    ("auth/signup/", {"email": "new@example.com", "password": PASSWORD, "name": "Bob"}),
    ("me/password/", {"old_password": PASSWORD, "new_password": NEW_PASSWORD}),
    ("me/delete/", {"password": PASSWORD}),
]


@pytest.mark.parametrize(("path", "body"), REQUESTS)
def test_the_refusal_is_503_with_retry_after_before_anything_is_counted(
    path, body, full, settings, django_assert_num_queries
):
    settings.LOGIN_LIMIT = settings.SIGNUP_LIMIT = 9
    hashers._new_queue.cache_clear()
    user = make_user()
    client = client_of(user) if path.startswith("me/") else client_of()
    for _ in range(1 + hashers.MAX_WAITING):
        hashers._queue(1).places.acquire()
    with django_assert_num_queries(1 if path.startswith("me/") else 0):
        response = client.post(f"/api/v1/{path}", body)
    problem = check_problem(response, 503, "busy")
    assert 1 <= int(response.headers["Retry-After"]) == problem["retry_after"] <= 3
    assert not AttemptCount.objects.exists()


def test_pages_answer_alike(full, settings):
    settings.LOGIN_LIMIT = 9
    page = Client().post(reverse("admin:login"), {"username": EMAIL, "password": PASSWORD})
    assert page.status_code == 503
    assert 1 <= int(page.headers["Retry-After"]) <= 3
    assert "Try again in" in page.content.decode()
    assert not AttemptCount.objects.exists()


def test_a_page_of_the_admin_that_hashes_answers_alike(settings):
    settings.ARGON2_AT_ONCE = 0
    staff, other = make_user(is_staff=True, is_superuser=True), make_user("bob@example.com")
    browser = Client()
    browser.force_login(staff)
    settings.ARGON2_AT_ONCE = 1
    for _ in range(1 + hashers.MAX_WAITING):
        hashers._queue(1).places.acquire()
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    page = browser.post(reverse("admin:auth_user_password_change", args=[other.pk]), form)
    assert (page.status_code, "Retry-After" in page.headers) == (503, True)


def test_a_storm_is_one_line_in_the_log(full, caplog):
    form = {"username": EMAIL, "password": PASSWORD}
    with caplog.at_level("DEBUG"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashers.log, "propagate", True)
        client_of().post("/api/v1/auth/login/", {"email": EMAIL, "password": PASSWORD})
        Client().post(reverse("admin:login"), form)
    assert {record.name for record in caplog.records} == {"marquee.accounts.hashers"}
    assert "once a minute" in settings.LOGGING["handlers"]["strangers"]["filters"]
    assert "strangers" in [handler.name for handler in hashers.log.handlers]


def test_bookings_do_not_hash(full):
    assert client_of().get("/api/v1/movies/").status_code == 200


def test_logins_within_the_limit_are_as_ever(settings):
    user = make_user()
    assert password_checks.authenticate(email=EMAIL, password=PASSWORD, networks=[CLIENT]) == user
    assert operations.log_in(email=EMAIL, password=PASSWORD, networks=[CLIENT])
