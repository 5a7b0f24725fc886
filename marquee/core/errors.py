"""Base classes of refusals. Only `api/exceptions.py` turns refusals into responses."""

from typing import Any, ClassVar

from marquee.core.current import current


class Refused(Exception):
    """A rule refused a request, and nothing was changed. Never a bug.

    `code` is stable for API clients, and `title` names the kind of refusal for people. The message
    says what happened and what to do instead. `facts` are details that API clients can use.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts
        # For the metrics of the server: every refusal passes here, whichever door answers it.
        current.refusal = self.code


class BadInput(Refused):
    """A value in the request is invalid. `field` names it, so that a form can point at it."""

    code = "invalid"
    title = "Some of what was sent is not right"

    def __init__(self, detail: str, *, field: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.field = field


class PreconditionFailed(Refused):
    """It was changed since it was read: `If-Match` has another `ETag`. `etag` is the current one."""

    code = "precondition_failed"
    title = "It has changed meanwhile"


class Busy(Refused):
    """Too many passwords are being checked at this moment: `retry_after` says how many seconds to wait."""

    code = "busy"
    title = "Busy for a moment"
