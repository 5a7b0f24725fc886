"""What operations are as requests to the API, and what the checker needs of the responses."""

from typing import Any

from prove import http_client
from prove.history import Operation
from prove.http_client import Response


def to_http(one: Operation, token: str, known: str) -> bytes:
    """Return the request that stands for an operation; `known` is the ETag of an availability."""
    match one.verb:
        case "book":
            tickets = [_ticket(*request) for request in one.ticket_requests]
            body = {"tickets": tickets} | ({"hold": True} if one.hold else {})
            headers = {"Idempotency_Key": one.key} if one.key else {}
            return http_client.request(
                "POST", f"shows/{one.show}/bookings/", token, body, **headers
            )
        case "confirm" | "cancel":
            return http_client.request("POST", f"bookings/{one.reference}/{one.verb}/", token)
        case "exchange":
            tickets = [_ticket(*request) for request in one.ticket_requests]
            path = f"bookings/{one.reference}/exchange/"
            return http_client.request("POST", path, token, {"tickets": tickets})
        case "seats" | "availability":
            headers = {"If_None_Match": known} if known else {}
            return http_client.request("GET", f"shows/{one.show}/{one.verb}/", "", **headers)
        case "booking":
            return http_client.request("GET", f"bookings/{one.reference}/", token)
        case "bookings":
            return http_client.request("GET", "bookings/?page_size=20", token)
        case "shows":
            return http_client.request(
                "GET", f"movies/{one.facts['movie']}/shows/?page_size=50", ""
            )
    raise ValueError(f"Nobody knows how to {one.verb}.")


def of_staff(one: Operation, token: str) -> bytes:
    """Return the request that stands for an operation of staff."""
    match one.verb:
        case "sell":
            tickets = [_ticket(*request) for request in one.ticket_requests]
            path = f"shows/{one.show}/counter-bookings/"
            return http_client.request("POST", path, token, {"tickets": tickets, "tender": "cash"})
        case "rename":
            path, body = f"price-cards/{one.facts['card']}/", {"name": one.facts["name"]}
            return http_client.request("PATCH", path, token, body)
        case "move":
            body = {"starts_at": one.facts["starts_at"]}
            return http_client.request("PATCH", f"shows/{one.show}/", token, body)
        case "call_off":
            return http_client.request("POST", f"shows/{one.show}/call-off/", token)
        case "block" | "unblock":
            seats = [request[0] for request in one.ticket_requests]
            return http_client.request(
                "POST", f"shows/{one.show}/{one.verb}/", token, {"seats": seats}
            )
    return to_http(one, token, "")


def _ticket(seat: str, type_: str) -> dict[str, str]:
    return {name: value for name, value in (("seat", seat), ("type", type_)) if value}


def note(one: Operation, reply: Response) -> None:
    """Keep of a response what the checker needs."""
    body = reply.body
    if reply.status >= 400:
        one.code = str(body["code"]) if isinstance(body, dict) else ""
        one.facts |= _refusal(body) if isinstance(body, dict) else {}
        if reply.status >= 500:
            one.facts["retry_after"] = reply.header("retry-after")
    elif one.verb in {"book", "sell", "confirm", "exchange", "cancel", "booking"}:
        one.facts = _booking(body)
        one.facts["replayed"] = reply.header("idempotent-replayed") == "true"
    elif one.verb == "bookings":
        one.facts = {"all": [[row["reference"], row["status"]] for row in body["results"]]}
    elif one.verb == "shows":
        one.facts["left"] = [[row["id"], row["seats_left"]] for row in body["results"]]
    elif reply.status == 304:
        one.facts = {"version": int(reply.header("etag").strip('"').split("-")[0])}
    elif one.verb in {"availability", "block", "unblock"}:
        one.facts = {"version": body["version"], "left": body["left"], "taken": body["taken"]}
    elif one.verb == "seats":
        one.facts = _map(body)
    elif one.verb == "schedule":
        one.facts["id"] = body["id"]


def _refusal(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("seats", "left", "limit", "show") if name in body}


def _booking(body: dict[str, Any]) -> dict[str, Any]:
    """Keep the tickets that the booking has; of one that is over all that it ever had, which are void."""
    kept = [one for one in body["tickets"] if one["status"] != "void"] or body["tickets"]
    return {
        "reference": body["reference"],
        "status": body["status"],
        "seats": [ticket["seat"] for ticket in kept],
        "tickets": [[one["type"], _minor(one["price"]), one["status"]] for one in kept],
        "total": _minor(body["total"]),
    }


def _map(body: dict[str, Any]) -> dict[str, Any]:
    """Keep a letter for each seat that is not free."""
    states = {
        seat["label"]: seat["status"][0]
        for row in body["rows"]
        for seat in row["seats"]
        if seat["status"] != "free"
    }
    return {"version": body["version"], "left": body["left"], "states": states}


def _minor(price: dict[str, str]) -> int:
    whole, _, cents = price["amount"].partition(".")
    return int(whole) * 100 + int(cents or 0)
