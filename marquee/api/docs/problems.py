"""OpenAPI texts of refusals: the problem+json component, and why each status is returned."""

from marquee.api.exceptions import MAX_ERRORS

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457), with a stable `code` and the facts of the case.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:marquee:problem:invalid"]},
        "title": {"type": "string", "description": "The kind of problem, for people."},
        "status": {"type": "integer", "description": "The HTTP status again."},
        "detail": {"type": "string", "description": "What happened, and what to do instead."},
        "code": {"type": "string", "description": "The kind of problem, for API clients."},
        "errors": {
            "type": "array",
            "maxItems": MAX_ERRORS,
            "description": "For bad input: what is wrong with which field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "examples": ["tickets.0.seat"]},
                    "code": {"type": "string", "examples": ["required"]},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}
DETAILS = {
    400: "The body or a parameter is invalid; `errors` names each field.",
    401: "The token is missing, invalid or expired.",
    403: "The token is valid, but this needs a permission of staff. `detail` names it.",
    404: "It does not exist, or it is not yours.",
    409: "Other rows depend on it, so it cannot be removed.",
    413: "A body is at most 256 KiB.",
    415: "The body is not `application/json`.",
    503: "The database was too busy: retry after `Retry-After` seconds.",
}
