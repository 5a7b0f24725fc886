"""Checks that hold for every resource of the catalog: who may write, and which bodies are refused."""

from tests.factories import client_of, make_staff, make_user

BROKEN = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"null",
    b"NaN",
    b'{"a": NaN}',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"title": "\\ud800"}',
    b'{"runtime_minutes": ' + b"9" * 5000 + b"}",
]


def check_only_staff_write(address, row_address, body):
    """Check that writing is a 401 without a token and a 403 for customers, whatever the body."""
    for client, status in ((client_of(), 401), (client_of(make_user()), 403)):
        answers = [
            client.post(address, body),
            client.put(row_address, body),
            client.patch(row_address, body),
            client.delete(row_address),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
        assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}


def check_broken_bodies(address, row_address):
    """Check that a body that is no JSON object is a 400, and one of another type a 415."""
    client = client_of(make_staff())
    for body in BROKEN:
        for write, where in ((client.post, address), (client.put, row_address)):
            answer = write(where, body, content_type="application/json")
            assert answer.status_code == 400, (body[:40], answer.content)
            assert answer["Content-Type"] == "application/problem+json"
    answer = client.post(address, b"a=b", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415


def fields_of(answer):
    """Return the names of the fields that a 400 names."""
    assert answer.status_code == 400, answer.content
    return [error["field"] for error in answer.json()["errors"]]
