"""Query parameters: a view accepts those it documents, and refuses all others."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

MAX_UNKNOWN_PARAMETERS = 20
MAX_NAME_LENGTH = 100


def reject_unknown_parameters(names: Iterable[str], known: Collection[str]) -> None:
    """Check that a query has no unknown parameter. Raises ValidationError that names the nearest.

    A misspelt filter that is ignored would return everything.
    """
    unknown = islice((name for name in names if name not in known), MAX_UNKNOWN_PARAMETERS)
    if errors := {name[:MAX_NAME_LENGTH]: [_error(name, known)] for name in unknown}:
        raise ValidationError(errors)


def _error(name: str, known: Collection[str]) -> Any:
    detail = "There is no such query parameter."
    if nearest := _nearest(name[:MAX_NAME_LENGTH], known):
        detail += f" Did you mean `{nearest}`?"
    elif known:
        detail += f" Known are {', '.join(f'`{one}`' for one in sorted(known))}."
    return ErrorDetail(detail, "unknown")


def _nearest(name: str, known: Collection[str]) -> str | None:
    return next(iter(get_close_matches(name.lower(), known, n=1)), None)
