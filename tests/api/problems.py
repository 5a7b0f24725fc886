"""How every no looks, whatever it is about."""

from typing import Any

from tests.api.openapi_validation import check_answer

MEMBERS = {"type", "title", "status", "detail", "code"}


def check_no(answer: Any, status: int, code: str, operation: str = "") -> dict[str, Any]:
    """Check that an answer is this no as RFC 9457 writes it; return its body.

    With an operation, as `POST shows/{show_id}/bookings/`, the schema must know it too.
    """
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() >= MEMBERS
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:marquee:problem:{code}"
    assert body["title"]
    assert body["detail"]
    if operation:
        method, path = operation.split()
        check_answer(path, method.lower(), answer)
    return body
