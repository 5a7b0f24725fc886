"""A request's id: in the response, the problem, the page about an error, and the log."""

import errno
import json
import logging
import re
import sys

import pytest
from django.db import OperationalError
from django.test import Client

from marquee.api.resources.cinemas import CinemaViewSet
from marquee.core.log import JSONFormatter, LineFormatter
from marquee.web.storefront.whats_on import WhatsOnView
from tests.factories import client_of, make_user

OWN = re.compile("[0-9a-f]{32}")
UUID = "0193e4a5-7c5b-7d3e-9f00-3b1f9a5f1c22"
CINEMAS = "/api/v1/cinemas/"


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere/", "/nowhere/", "/static/web/css/nowhere.css", "/admin/nowhere/"]
)
@pytest.mark.django_db
def test_each_response_has_an_id_of_its_own(client, path):
    ids = {client.get(path)["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2
    assert all(map(OWN.fullmatch, ids))


@pytest.mark.parametrize(
    ("given", "proxies", "is_taken"),
    [
        (UUID, 1, True),
        ("0" * 31 + "F", 1, True),
        (UUID, 0, False),
        ("4111111111111111", 1, False),
        (f"{UUID}\n", 1, False),
        ("a" * 33, 1, False),
        ("", 1, False),
    ],
)
def test_an_id_is_taken_from_a_trusted_proxy_if_it_is_well_formed(
    client, settings, given, proxies, is_taken
):
    settings.TRUSTED_PROXIES = proxies
    found = client.get("/api/v1/nowhere/", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (found == given) is is_taken


def fails(error):
    def view(*_, **__):
        raise error

    return view


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("gone"), ZeroDivisionError("Alice's password")])
def test_errors_of_ours_name_the_request_in_problem_page_and_log(
    client, monkeypatch, caplog, error
):
    monkeypatch.setattr(CinemaViewSet, "list", fails(error))
    monkeypatch.setattr(CinemaViewSet, "cached_response", fails(error))
    monkeypatch.setattr(WhatsOnView, "get", fails(error))
    for path in (CINEMAS, "/"):
        caplog.clear()
        response = client.get(path)
        request_id = response["X-Request-ID"]
        assert response.status_code in {500, 503}
        assert request_id in response.content.decode()
        if path == CINEMAS:
            assert response.json()["request_id"] == request_id
        for record in [one for one in caplog.records if one.name == "django.request"]:
            assert f"[{request_id}]" in LineFormatter().format(record)
            members = json.loads(JSONFormatter().format(record))
            assert members["request_id"] == request_id
            assert "Alice" not in str(members)


def test_refusals_name_no_request(client):
    assert "request_id" not in client.get("/api/v1/nowhere/").json()


@pytest.mark.django_db
@pytest.mark.parametrize("log_format", ["LINE", "JSON"])
def test_the_access_log_has_route_status_time_and_account(settings, capsys, log_format):
    settings.ACCESS_LOG, settings.LOG_FORMAT = True, log_format
    user = make_user()
    client_of(user).get("/api/v1/bookings/", {"upcoming": "4111111111111111"})
    (line,) = capsys.readouterr().err.splitlines()
    if log_format == "JSON":
        members = json.loads(line)
        assert members | {"method": "GET", "status": 400, "user": user.pk} == members
        assert members["route"] == "/api/v1/bookings/"
        assert OWN.fullmatch(members["request_id"])
        assert members["ms"] > 0
    else:
        pattern = rf"INFO    marquee.access: GET /api/v1/bookings/ 400 [\d.]+ ms user={user.pk} \[[0-9a-f]+\]"
        assert re.fullmatch(pattern, line)


@pytest.mark.django_db
def test_the_access_log_queries_no_account(client, settings, capsys, django_assert_num_queries):
    settings.ACCESS_LOG = True
    client.force_login(make_user())
    with django_assert_num_queries(0):
        client.get("/nowhere.txt/", headers={"Host": "evil.example"})
    assert "GET no route 400" in capsys.readouterr().err


class FullDisk:
    def write(self, line):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_makes_no_500_of_what_was_done(client, settings, monkeypatch):
    settings.ACCESS_LOG = True
    monkeypatch.setattr(sys, "stderr", FullDisk())
    assert client.get("/api/v1/nowhere/").status_code == 404


def record_of(error):
    with pytest.raises(type(error)) as raised:
        fails(error)()
    info = (type(error), raised.value, raised.tb)
    return logging.LogRecord("marquee", logging.ERROR, "", 0, "failed", (), info)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("no number: 'hunter2'"), "may quote what was sent"),
        (TypeError("'int' object is not iterable"), "'int' object is not iterable"),
        (OSError(28, "No space left on device", "hunter2"), "No space left on device"),
        (OperationalError("database is locked"), "database is locked"),
    ],
)
def test_a_traceback_has_the_message_of_an_error_only_where_it_quotes_nothing(error, shown):
    text = LineFormatter().format(record_of(error))
    assert shown in text
    assert "hunter2" not in text
    assert "in view" in text
