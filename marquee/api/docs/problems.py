"""OpenAPI texts of refusals: a component for each code, with its facts, and an example of each.

A refusal of a rule has an example below, by its code; the facts in it are the facts that the component
has. tests/documentation/test_refusals.py compares them with what the code raises.
"""

from typing import Any

from marquee.api.exceptions import MAX_ERRORS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
LABELS: Schema = {"type": "array", "items": TEXT}
TIME: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "integer"}
FIELD_ERROR: Schema = {
    "type": "object",
    "description": "What is wrong with one field.",
    "required": ["field", "code", "detail"],
    "properties": {
        "field": TEXT | {"description": "The path of the field.", "examples": ["tickets.0.seat"]},
        "code": TEXT | {"description": "The kind of error.", "examples": ["required"]},
        "detail": TEXT | {"description": "What is wrong, and what to write."},
    },
}
# Components that several refusals refer to.
SHARED = {"FieldError": FIELD_ERROR}
# The facts of refusals. A fact has the same type and meaning wherever it occurs.
FACTS: dict[str, Schema] = {
    "allowed": NUMBER | {"description": "How many such tickets this booking can have."},
    "alternatives": {
        "type": "array",
        "items": LABELS,
        "description": "Groups of free seats, each of which can be booked as requested: a seat for each "
        "ticket, in their order.",
    },
    "bookings": LABELS | {"description": "The references of the bookings that it is about."},
    "cancel_until": TIME | {"description": "Until when the booking could be cancelled."},
    "categories": LABELS | {"description": "The seat categories without a price."},
    "errors": {
        "type": "array",
        "maxItems": MAX_ERRORS,
        "items": {"$ref": "#/components/schemas/FieldError"},
        "description": "What is wrong with which field.",
    },
    "etag": {"type": ["string", "null"], "description": "The ETag now; null if it is gone."},
    "expired_at": TIME | {"description": "When the token expired."},
    "held_until": TIME | {"description": "When the hold ends."},
    "live_bookings": NUMBER | {"description": "How many live bookings the show has."},
    "known": LABELS | {"description": "The ticket types that can be booked for the seat."},
    "left": NUMBER | {"description": "How many more can be booked."},
    "own_bookings": LABELS
    | {"description": "The references of your own bookings that have some of the seats."},
    "left_alone": LABELS
    | {
        "description": "The labels of the seats that would be left alone: free, without a free neighbour."
    },
    "limit": NUMBER | {"description": "The most that is allowed."},
    "needs": {
        "type": "object",
        "description": "The ticket that is missing: for a seat of this kind, or of this type.",
        "required": ["kind", "type"],
        "properties": {
            "kind": {"type": ["string", "null"], "description": "The kind of the seat, or null."},
            "type": {"type": ["string", "null"], "description": "The ticket type, or null."},
        },
    },
    "reason": TEXT
    | {
        "description": "Why the link cannot be used: it is `unknown` (not whole, or made up), `used` or "
        "`expired`, it is `outdated` because the account changed, or the address is `taken`.",
    },
    "retry_after": NUMBER | {"description": "How many seconds to wait, as in `Retry-After`."},
    "request_id": TEXT
    | {"description": "The request's id, as in `X-Request-ID`: our log has it, too."},
    "row": NUMBER | {"description": "Which row of the plan, from 1."},
    "sales_from": TIME | {"description": "When sales open."},
    "sales_until": TIME | {"description": "When sales closed."},
    "seats": LABELS | {"description": "The labels of the seats that it is about."},
    "short_notice": {
        "type": "boolean",
        "description": "Whether `short_notice` is needed, too.",
    },
    "show": {
        "type": "object",
        "description": "The show in the way.",
        "required": ["id", "movie", "starts_at", "occupied_until"],
        "properties": {
            "id": NUMBER | {"description": "Its id."},
            "movie": TEXT | {"description": "The title of its movie."},
            "starts_at": TIME | {"description": "When it starts."},
            "occupied_until": TIME | {"description": "Until when it has the auditorium."},
        },
    },
    "starts_at": TIME | {"description": "When the show would start."},
    "tickets": NUMBER | {"description": "How many tickets these bookings have."},
    "total": {"$ref": "#/components/schemas/Money", "description": "What the tickets cost now."},
    "current_total": {
        "$ref": "#/components/schemas/Money",
        "description": "What the booking costs as it is.",
    },
    "types": LABELS | {"description": "The ticket types that it is about."},
    "until": TIME | {"description": "When it can be tried again."},
    "used_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When it was used.",
    },
}
SEAT_ERROR = [
    {"field": "tickets", "code": "unknown_seat", "detail": "This auditorium has no seat Z9."}
]
# For each code: the detail of an example, and its facts.
EXAMPLES: dict[str, Schema] = {
    "account_closed": {"detail": "The account was deactivated or deleted. Log in again."},
    "already_used": {
        "detail": "This ticket was used at the door already.",
        "used_at": "2031-11-24T20:03:11+01:00",
    },
    "bad_credentials": {"detail": "The e-mail address and the password do not match."},
    "bad_link": {
        "detail": "This link was used already, and works once. Ask for a new link to set your password.",
        "reason": "used",
        "errors": [
            {
                "field": "token",
                "code": "bad_link",
                "detail": "This link was used already, and works once. Ask for a new link to set your "
                "password.",
            }
        ],
    },
    "busy": {
        "detail": "Many people are logging in at this moment. Try again in 2 seconds.",
        "retry_after": 2,
    },
    "bad_seat_plan": {
        "detail": "Row 1 has '?' where a seat or a gap belongs.",
        "row": 1,
        "errors": [
            {
                "field": "rows",
                "code": "bad_seat_plan",
                "detail": "Row 1 has '?' where a seat or a gap belongs.",
            }
        ],
    },
    "cannot_extend": {
        "detail": "A hold is extended once. It ends at 14:18 on 23 November 2031: confirm it until then.",
        "held_until": "2031-11-23T14:18:11+01:00",
    },
    "cinema_in_use": {
        "detail": "The cinema has price cards, so its time zone and currency stay. Remove its shows "
        "and price cards first, or add another cinema."
    },
    "companion_without_space": {
        "detail": "Of the companion seats D3, D4 at most 1 can be booked here: one with each wheelchair "
        "space in the same booking. Choose other seats, or add a space.",
        "seats": ["D3", "D4"],
        "allowed": 1,
    },
    "confirm_bookings": {
        "detail": "The show has 3 live bookings. Customers may cancel in full until the start of a show "
        'that changed. If it is to change all the same, send "confirm_bookings": 3.',
        "live_bookings": 3,
        "short_notice": False,
    },
    "cooling_down": {
        "detail": "You gave C7 up 2 times or more within an hour. Choose other seats, or try again at "
        "15:02 on 23 November 2031.",
        "seats": ["C7"],
        "until": "2031-11-23T15:02:11+01:00",
    },
    "counter_only": {
        "detail": "Only the box office sells press tickets for these seats. Ask there, or choose "
        "another type.",
        "types": ["press"],
    },
    "email_not_verified": {
        "detail": "Your address is not verified yet. Open the link in the mail that we sent you, or ask "
        "for another one, and then book."
    },
    "email_taken": {
        "detail": "There is an account with this address already.",
        "errors": [
            {
                "field": "email",
                "code": "email_taken",
                "detail": "There is an account with this address already.",
            }
        ],
    },
    "format_in_use": {"detail": "Shows have the format 35mm (3): give them another one first."},
    "guest_account": {
        "detail": "A guest has no password. Sign up with the same address to have an account.",
    },
    "exchange_costs_more": {
        "detail": "With these seats the booking would cost EUR 30.00, and it costs EUR 21.50. Choose seats "
        "that cost no more, or cancel it and book anew.",
        "total": {"amount": "30.00", "currency": "EUR"},
        "current_total": {"amount": "21.50", "currency": "EUR"},
    },
    "hold_expired": {
        "detail": "The hold ran out, and its seats are gone: C7 taken by somebody else.",
        "seats": ["C7"],
    },
    "hold_limit": {
        "detail": "You held seats of this show 10 times within an hour, which is the most. Try again at "
        "15:02 on 23 November 2031.",
        "limit": 10,
        "left": 0,
        "until": "2031-11-23T15:02:11+01:00",
    },
    "key_reused": {"detail": "This Idempotency-Key was sent before with another request."},
    "last_superuser": {"detail": "This is the last superuser. Make another account one first."},
    "name_taken": {
        "detail": "There is a cinema with this name in this city.",
        "errors": [
            {
                "field": "name",
                "code": "name_taken",
                "detail": "There is a cinema with this name in this city.",
            }
        ],
    },
    "needs_another": {
        "detail": "Each carer ticket needs one in a wheelchair space in the same booking, so at most 0 "
        "of these can be booked here. Add what is missing, or choose another type.",
        "types": ["carer"],
        "needs": {"kind": "wheelchair", "type": None},
        "allowed": 0,
    },
    "not_authenticated": {"detail": "The account was changed or closed meanwhile: log in again."},
    "not_held": {"detail": "This booking was cancelled. Make a new one."},
    "password_required": {
        "detail": "This needs your password.",
        "errors": [
            {
                "field": "password",
                "code": "password_required",
                "detail": "This needs your password.",
            }
        ],
    },
    "precondition_failed": {
        "detail": "This was changed since you read it. Read it again, and send its `ETag` in `If-Match`.",
        "etag": '"5f8f04b14a53d3a5"',
    },
    "price_changed": {
        "detail": "These tickets cost 25.00 EUR, not 21.50 EUR. Send this price as `expected_total` to "
        "accept it, or choose other tickets.",
        "total": {"amount": "25.00", "currency": "EUR"},
    },
    "removed_meanwhile": {"detail": "The show was removed a moment ago."},
    "sales_closed": {
        "detail": "Sales for this show closed at 20:15 on 24 November 2031. Choose another show.",
        "sales_until": "2031-11-24T20:15:00+01:00",
    },
    "sales_not_open": {
        "detail": "Sales for this show open at 10:00 on 10 November 2031. Come back then.",
        "sales_from": "2031-11-10T10:00:00+01:00",
    },
    "seat_limit": {
        "detail": "At most 10 seats a customer and show, of which 8 are booked or held already: 2 are "
        "left. Asked for: 3.",
        "limit": 10,
        "left": 2,
    },
    "seats_taken": {
        "detail": "Somebody else has C7. Choose other seats.",
        "seats": ["C7"],
        "alternatives": [["C9"], ["D7"]],
        "own_bookings": [],
    },
    "short_notice": {
        "detail": 'The show would start in less than two hours. Send "short_notice": true if it is to.',
        "starts_at": "2031-11-24T20:15:00+01:00",
    },
    "show_called_off": {"detail": "This show is called off. Choose another one."},
    "show_has_bookings": {
        "detail": "Seats are held or sold, so the movie and the auditorium stay. Call this show off, "
        "which cancels its bookings, and add another."
    },
    "show_overlaps": {
        "detail": "Metropolis has Saal 1 from 2031-11-24 20:15 to 23:23, turnaround included. Choose "
        "another time or another auditorium.",
        "show": {
            "id": 7,
            "movie": "Metropolis",
            "starts_at": "2031-11-24T20:15:00+01:00",
            "occupied_until": "2031-11-24T23:23:00+01:00",
        },
    },
    "single_gap": {
        "detail": "That would leave C6 alone, which hardly anybody books. Choose C6, C7 or C8, C9.",
        "left_alone": ["C6"],
        "alternatives": [["C6", "C7"], ["C8", "C9"]],
    },
    "sold_out": {"detail": "Seats left to choose from: 1. Asked for: 2.", "left": 1},
    "token_expired": {
        "detail": "The access token expired at 2031-11-24T19:15:00Z. `POST auth/refresh/` with the refresh "
        "token gives the next pair of tokens; if that has expired, too, log in again.",
        "expired_at": "2031-11-24T19:15:00Z",
    },
    "too_late_to_exchange": {
        "detail": "It is too late to change the seats of this booking: that was possible until 19:45 on "
        "24 November 2031. Ask at the box office.",
        "cancel_until": "2031-11-24T19:45:00+01:00",
    },
    "too_late_to_cancel": {
        "detail": "It is too late to cancel this booking: that was possible until 19:45 on 24 November "
        "2031. Ask at the box office.",
        "cancel_until": "2031-11-24T19:45:00+01:00",
    },
    "too_many_attempts": {"detail": "Too many attempts. Wait 60 seconds.", "retry_after": 60},
    "too_many_holds": {
        "detail": "At most 20 holds at once from one network, whoever made them. Book without a hold, or "
        "try again in 480 seconds, when one of them ends.",
        "limit": 20,
        "retry_after": 480,
    },
    "unknown_seat": {
        "detail": "This auditorium has no seat Z9.",
        "seats": ["Z9"],
        "errors": SEAT_ERROR,
    },
    "unknown_ticket_type": {
        "detail": "Seat C7 is not sold as veteran; it is as adult, child.",
        "types": ["veteran"],
        "known": ["adult", "child"],
        "errors": [
            {
                "field": "tickets",
                "code": "unknown_ticket_type",
                "detail": "Seat C7 is not sold as veteran; it is as adult, child.",
            }
        ],
    },
    "unpaid_limit": {
        "detail": "At most 10 seats of a show may be unpaid for one customer: 0 are left. Asked for: 1. "
        "Ask at the box office for more.",
        "limit": 10,
        "left": 0,
    },
    "weak_password": {
        "detail": "This password is too common.",
        "errors": [
            {"field": "password", "code": "weak_password", "detail": "This password is too common."}
        ],
    },
    "upcoming_bookings": {
        "detail": "Seats booked for shows that have not ended: 3, by K7Q2MXW4. Choose for `bookings`: "
        "`cancel` those that may still be cancelled, or `keep` them without a name.",
        "bookings": ["K7Q2MXW4"],
        "tickets": 3,
    },
    "wheelchair_limit": {
        "detail": "At most 1 wheelchair spaces a customer and show: 1 are left. Asked for: 2. Ask at the "
        "box office for more.",
        "limit": 1,
        "left": 1,
    },
    "second_factor_required": {
        "detail": "Your role needs a second factor. Log in on the website, add one at "
        "/account/second-factor/, and log in anew with a `code` of it.",
    },
    "wrong_code": {
        "detail": "This is no code of the account, or it was used already: wait for the next one.",
        "errors": [
            {
                "field": "code",
                "code": "wrong_code",
                "detail": "This is no code of the account, or it was used already: wait for the next one.",
            }
        ],
    },
    "wrong_password": {
        "detail": "The old password is wrong.",
        "errors": [
            {
                "field": "old_password",
                "code": "wrong_password",
                "detail": "The old password is wrong.",
            }
        ],
    },
    "invalid": {
        "detail": "tickets.0.seat: Not text.",
        "errors": [{"field": "tickets.0.seat", "code": "invalid", "detail": "Not text."}],
    },
}
# Facts that some refusals of a code have, and others do not.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "busy": ("request_id",),
    "internal_error": ("request_id",),
    "too_slow": ("request_id",),
    "try_again": ("request_id",),
    "bad_link": ("reason",),
    "bad_seat_plan": ("row",),
    "bad_credentials": ("expired_at",),
    "invalid": ("errors", "seats", "categories", "request_id"),
}
DETAILS = {
    400: "The body or a parameter is invalid; `errors` names each field.",
    401: "The token is missing, or not valid here, or no longer.",
    403: "The token is valid, but this needs a role of staff, at this cinema. `detail` names it.",
    404: "It does not exist, or it is not yours.",
    406: "`Accept` does not include `application/json`.",
    408: "The body did not arrive in time.",
    409: "Other rows depend on it, so it cannot be removed.",
    413: "A body is at most 256 KiB.",
    415: "The body is not `application/json`.",
    501: "Send the body as it is, or in chunks.",
    503: "The database was too busy: retry after `Retry-After` seconds.",
}


def component_name(code: str) -> str:
    """Return the name of the component of a code: `SeatsTakenProblem`."""
    return f"{code.title().replace('_', '')}Problem"


def facts_of(code: str) -> list[str]:
    """Return the names of the facts of a code, those that it may lack included."""
    shown = EXAMPLES.get(code, {}).keys() - {"detail"}
    return sorted(shown | set(OPTIONAL.get(code, ())))


def component(code: str, title: str, description: str) -> Schema:
    """Return the schema of the problem details of one code (RFC 9457), with its facts."""
    facts = facts_of(code)
    required = [name for name in facts if name not in OPTIONAL.get(code, ())]
    return {
        "type": "object",
        "description": description,
        "required": ["type", "title", "status", "detail", "code", *required],
        "properties": {
            "type": TEXT
            | {
                "format": "uri",
                "description": "The code, as a URI.",
                "examples": [f"urn:marquee:problem:{code}"],
            },
            "title": TEXT
            | {"description": "The kind of problem, for people.", "examples": [title]},
            "status": NUMBER | {"description": "The HTTP status again."},
            "detail": TEXT | {"description": "What happened, and what to do instead."},
            "code": TEXT | {"const": code, "description": "The kind of problem, for API clients."},
            **{name: FACTS[name] for name in facts},
        },
    }


def example(code: str, detail: str) -> Schema:
    """Return the detail and the facts of an example."""
    return {"detail": detail} | EXAMPLES.get(code, {})


def one_of(codes: list[str]) -> Schema:
    """Return the schema of a response that may have one of several codes."""
    references = {code: f"#/components/schemas/{component_name(code)}" for code in codes}
    if len(references) == 1:
        return {"$ref": references[codes[0]]}
    return {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "code", "mapping": references},
    }
