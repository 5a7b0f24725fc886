"""The two ways to say no. The rooms subclass them; only `api/exceptions.py` makes them HTTP."""

from typing import Any, ClassVar


class Refused(Exception):
    """A rule said no, and nothing was changed. Never a bug.

    `code` is stable for programs, `title` names the kind of refusal for people, the message says
    what happened and what to do instead, and `facts` are the particulars a program can use.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class BadInput(Refused):
    """What was sent cannot be meant: it names the field, so that a form can point at it."""

    code = "invalid"
    title = "Some of what was sent is not right"

    def __init__(self, detail: str, *, field: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.field = field
