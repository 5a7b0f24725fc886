"""Checks that hold for every resource of the catalog: who may write, and which bodies are refused."""

from typing import Any

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


def check_only_staff_write(address: str, row_address: str, body: dict[str, Any]) -> None:
    """Check that writing is a 401 without a token and a 403 for customers, whatever the body."""
    for client, status in ((client_of(), 401), (client_of(make_user()), 403)):
        responses = [
            client.post(address, body),
            client.put(row_address, body),
            client.patch(row_address, body),
            client.delete(row_address),
        ]
        assert [response.status_code for response in responses] == [status] * 4
        assert {response["Content-Type"] for response in responses} == {"application/problem+json"}


def check_broken_bodies(address: str, row_address: str) -> None:
    """Check that a body that is no JSON object is a 400, and one of another type a 415."""
    client = client_of(make_staff())
    for body in BROKEN:
        for write, where in ((client.post, address), (client.put, row_address)):
            response = write(where, body, content_type="application/json")
            assert response.status_code == 400, (body[:40], response.content)
            assert response["Content-Type"] == "application/problem+json"
    response = client.post(address, b"a=b", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 415


def fields_of(response: Any) -> list[str]:
    """Return the names of the fields that a 400 names."""
    assert response.status_code == 400, response.content
    return [error["field"] for error in response.json()["errors"]]
