"""Check the form of refusals (RFC 9457)."""

from typing import Any

from tests.api.openapi_validation import check_response

MEMBERS = {"type", "title", "status", "detail", "code"}


def check_problem(response: Any, status: int, code: str, operation: str = "") -> dict[str, Any]:
    """Check that a response is this problem in the form of RFC 9457; return its body.

    With an operation, such as `POST shows/{show_id}/bookings/`, the schema must list it, too.
    """
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() >= MEMBERS
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:marquee:problem:{code}"
    assert body["title"]
    assert body["detail"]
    if operation:
        method, path = operation.split()
        check_response(path, method.lower(), response)
    return body
