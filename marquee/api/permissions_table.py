"""docs/permissions.md: who may do what, written from the code by `manage.py write_permissions`.

tests/api/test_permissions_table.py walks it: it sends each request as each person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView
from drf_spectacular.generators import SchemaGenerator

from marquee.accounts.permissions import ROLES, Audience, Right, Where
from marquee.accounts.states import Role

PREFIX = "/api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
YES, LOG_IN = "yes", "log in"
# Its methods, and whom it is for.
Page = tuple[tuple[str, ...], Audience]
# Where the role of a member of staff is, seen from the cinema that a request is about.
OWN, OTHER, ALL = PLACES = ("own", "other", "all")
STAFF = [f"{role}, {place}" for role in Role for place in PLACES]
API_COLUMNS = ["anonymous", "customer", "owner", *STAFF, "administrator"]
PAGE_COLUMNS = ["anonymous", "logged in", "owner", "administrator"]

TEXT = """# Permissions

Who may do what. `make schema` writes this page from the code; `tests/api/test_permissions_table.py` sends
every request as every person, on SQLite and on PostgreSQL, and compares the responses with it. Why it is
so: [decision 31](decisions/0031-roles-not-permissions.md). How to give a role: [operating](operating.md).

- **customer**: whoever is logged in without a role, guests and members of staff without one included.
- **owner**: the customer whose booking the URL names. For everybody else that booking does not exist. What a member of
  staff sold at the counter is the seller's while the seller may sell at that cinema.
- **own**: a role at the cinema that the request is about; **other**: at another cinema; **all**: at all cinemas. A movie is
  about all cinemas that show it or have shown it; one that none has shown is any manager's.
- **administrator**: a superuser. Accounts that are deactivated or closed are anonymous, whatever their roles.
- `HEAD` is answered as `GET` is. Other methods than those of the table are not there: 405, or a refusal before that.
- `yes` means that the request is let in; it can still be refused by a rule, or as bad input. 401 means no or an old token, 403
  that the role is missing, 404 that for this person there is no such thing.

The rights of staff are read from the database in each request, once, before its change begins. A role that is taken away meanwhile
ends with that request, at most seconds later: the outcome is as if the request had come just before. The
limits of customers are different: a booking reads who is exempt from them while it holds the lock of the account, so a role that
was taken away counts no more.

The values that a row is given count, too: nobody moves an auditorium, a price card or a show to a cinema
without the role there, and a show names only price cards of one's own cinemas: any other is an unknown one.

## API

{api}

## Pages

Roles change nothing on these pages. A link in a mail opens the booking or the account that it was sent for, without a
login. A redirect counts as what it leads to. An owner with an account finds no `delete-data/`, which is for guests: the account
has a page for that. Django's admin is for administrators alone; others are led to its login, whatever the method.

{pages}
"""


class Row(NamedTuple):
    """A line of the table: a request, and for each column what happens."""

    request: str
    cells: Mapping[str, str]


def page() -> str:
    """Return the text of docs/permissions.md."""
    return TEXT.format(
        api=_table("request", API_COLUMNS, api_rows()),
        pages=_table("page", PAGE_COLUMNS, page_rows()),
    )


def api_rows() -> list[Row]:
    """Return a row for each operation of the API, in the order of the schema."""
    generator: Any = SchemaGenerator
    paths = generator().get_schema(public=True)["paths"]
    return [
        _api_row(f"{method.upper()} {path.removeprefix(PREFIX)}", item[method]["x-access"])
        for path, item in paths.items()
        for method in METHODS
        if method in item
    ]


def page_rows() -> list[Row]:
    """Return a row for each method of each page, and one for Django's admin."""
    pages = dict(_pages(get_resolver().url_patterns))  # a page may have two names
    rows = [
        Row(f"{method.upper()} /{path}", _page_cells(audience))
        for path, (methods, audience) in pages.items()
        for method in methods
    ]
    admin = dict.fromkeys(PAGE_COLUMNS, LOG_IN) | {"administrator": YES}
    return [*rows, Row("GET /admin/", admin)]


def _api_row(request: str, access: Mapping[str, Any]) -> Row:
    audience = Audience(access["audience"])
    if audience == Audience.STAFF:
        return Row(request, _staff_cells(access, is_row="{" in request))
    cells = dict.fromkeys(API_COLUMNS, YES)
    if audience == Audience.OWNER:
        cells = dict.fromkeys(API_COLUMNS, "404") | {"owner": YES}
    return Row(request, cells if audience == Audience.ANYONE else cells | {"anonymous": "401"})


def _staff_cells(access: Mapping[str, Any], *, is_row: bool) -> dict[str, str]:
    roles, where = ROLES[Right(access["right"])], Where(access["where"])
    places = {Where.OWN: {OWN, ALL}, Where.ALL: {ALL}, Where.ANY: set(PLACES)}[where]
    elsewhere = "404" if access["hides_others"] and is_row else "403"
    cells = dict.fromkeys(API_COLUMNS, "403") | {"anonymous": "401", "administrator": YES}
    for role in roles:
        cells |= {f"{role}, {place}": YES if place in places else elsewhere for place in PLACES}
    return cells


def _page_cells(audience: Audience) -> dict[str, str]:
    cells = dict.fromkeys(PAGE_COLUMNS, YES)
    if audience == Audience.ACCOUNT:
        return cells | {"anonymous": LOG_IN}
    return dict.fromkeys(cells, "404") | {"owner": YES} if audience == Audience.OWNER else cells


def _pages(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[tuple[str, Page]]:
    """Yield the path of each page outside the API and Django's admin, with its methods and audience."""
    for pattern in patterns:
        path = str(pattern.pattern)
        view = getattr(pattern.callback, "view_class", None)
        if isinstance(pattern, URLResolver):
            yield from [] if path else _pages(pattern.url_patterns)
        elif view is not RedirectView and not path.startswith("admin/"):
            methods = tuple(method for method in METHODS if hasattr(view, method)) or ("get",)
            yield path, (methods, getattr(view, "audience", Audience.ANYONE))


def _table(first: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [[first, *columns], ["---"] * (len(columns) + 1)]
    lines += [[f"`{row.request}`", *(row.cells[column] for column in columns)] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
