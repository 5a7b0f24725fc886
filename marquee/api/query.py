"""Query parameters: a view accepts those it documents, each once, and refuses all others."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import ErrorDetail, ValidationError

MAX_UNKNOWN_PARAMETERS = 20
MAX_NAME_LENGTH = 100
NUL_CODE = "null_characters_not_allowed"  # as Django's forms say
# A search for no word in particular finds all.
MAY_BE_EMPTY = {"search"}
# What clients of other APIs would try, by its name here.
SYNONYMS = {
    "page": "cursor",
    "offset": "cursor",
    "after": "cursor",
    "limit": "page_size",
    "per_page": "page_size",
    "q": "search",
    "sort": "ordering",
    "order_by": "ordering",
}


def check_parameters(query: QueryDict, known: Collection[str]) -> None:
    """Check that a query has known parameters alone, each once, without a NUL. Raises ValidationError.

    A misspelt filter that is ignored would return everything. Of a parameter given twice, one would be
    ignored. PostgreSQL takes no NUL.
    """
    if errors := dict(islice(_errors(query, known), MAX_UNKNOWN_PARAMETERS)):
        raise ValidationError(errors)


def _errors(query: QueryDict, known: Collection[str]) -> Iterator[tuple[str, list[Any]]]:
    for name, values in query.lists():
        if name not in known:
            yield name[:MAX_NAME_LENGTH], [_unknown(name[:MAX_NAME_LENGTH], known)]
        elif len(values) > 1:
            yield name, [ErrorDetail("Give this parameter once.", "repeated")]
        elif "\0" in values[0]:
            yield name, [ErrorDetail("Null characters are not allowed.", NUL_CODE)]
        elif values == [""] and name not in MAY_BE_EMPTY:
            yield name, [ErrorDetail("Give this parameter a value, or leave it out.", "empty")]


def _unknown(name: str, known: Collection[str]) -> Any:
    detail = "There is no such query parameter."
    if nearest := _nearest(name.lower(), known):
        detail += f" Did you mean `{nearest}`?"
        if nearest == "cursor":
            detail += " Pages follow each other by the URLs in `next` and `previous`."
    elif known:
        detail += f" Known are {', '.join(f'`{one}`' for one in sorted(known))}."
    return ErrorDetail(detail, "unknown")


def _nearest(name: str, known: Collection[str]) -> str | None:
    if (synonym := SYNONYMS.get(name)) in known:
        return synonym
    return next(iter(get_close_matches(name, known, n=1)), None)
