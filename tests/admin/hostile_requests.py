"""Every URL of the back office, with the values that a hostile member of staff would send.

All URLs come from the admin site itself, so a model that is registered later is tested, too. It only
needs a row in `make_rows`.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from django.contrib import admin
from django.db import models
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver

from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.actor import acting_as_staff
from marquee.mail.models import Message
from marquee.mail.planning import plan_booking_mails
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

# As written in a URL: NUL, by itself and as the admin quotes it; lone surrogates; numbers and times that
# no column can hold; and text that is no number and no time.
VALUES = [
    "%00", "_00", "%ED%A0%80", "x", "-1", "10000", str(2**63), "9" * 5000, "9999-12-31T23:59:59Z",
]  # fmt: skip
FEW_VALUES = ["x", str(2**63), "9999"]
LOOKUPS = ["exact", "in", "gt", "range", "regex", "date", "iso_year", "isnull"]
# The parameters of a query that the admin itself reads.
RESERVED = [
    "o", "p", "all", "q", "e", "_facets", "_popup", "_to_field", "_changelist_filters", "next",
    "app_label", "model_name", "field_name", "term", "page", "_selected_action", "action",
]  # fmt: skip
OF_EACH_LIST = ["o", "q"]  # their code is the list's own
# Row counts for the forms of a page with inlines, and of a list.
COUNTS = ["", "x", "-1", "%00", "99", str(10**9)]
BODIES = [
    ("application/x-www-form-urlencoded", b"\xff\x00=%ED%A0%80&=&&&%00"),
    ("application/x-www-form-urlencoded", b"x=1&" * 1001),
    ("application/x-www-form-urlencoded", b"x" * 262_145),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name"),
    ("multipart/form-data", b"--"),
    ("application/json", b"["),
]


# What a manager may write into every name: no page may contain it as a tag.
MARKUP = "<img src=x onerror=alert(1)>"


def make_rows() -> models.Model:
    """Add a row of every model of the back office; return the superuser who attacks it."""
    movie = make_movie(title=MARKUP, original_title=MARKUP, synopsis=MARKUP, genres=[MARKUP])
    cinema = make_cinema(name=MARKUP, city=MARKUP, address=MARKUP, accessibility=MARKUP)
    auditorium, card = make_auditorium(cinema, name=MARKUP), make_price_card(cinema, name=MARKUP)
    show = make_show(auditorium, movie=movie, price_card=card)
    book_seats(make_user(email="alice@example.com", name=MARKUP), show, "A1")
    plan_booking_mails()
    Message.objects.update(state="dead", attempts=1, error="550 Nobody of that name")
    staff = make_staff(is_superuser=True)
    with acting_as_staff(staff.pk):
        record(Action.CHANGED, Subject.MOVIE, 1, changes={"title": ("M", MARKUP)})
    return staff


def page_url(page: "admin.ModelAdmin[Any]", name: str = "") -> str:
    """Return the URL of a model's page."""
    return f"/admin/{page.opts.app_label}/{page.opts.model_name}/{name}"


def registered_pages() -> list["admin.ModelAdmin[Any]"]:
    """Return the registered pages."""
    return list(admin.site._registry.values())  # also of models that are added later


def routes(patterns: list[Any] | None = None, before: str = "/admin/") -> Iterator[str]:
    """Yield every URL, with `<…>` for its arguments."""
    for pattern in admin.site.get_urls() if patterns is None else patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"\^?\(\?P(<\w+>).*?\)\$?(?=/|$)", r"\1", here).replace("/$", "/")


def hostile_paths() -> Iterator[str]:
    """Yield every URL that has arguments, with each value in their place."""
    for route in routes():
        for value in VALUES:
            path = re.sub(r"<[^>]+>", value, route)
            if path != route:
                yield path


def own_urls(page: "admin.ModelAdmin[Any]") -> list[str]:
    """Return every URL of a model, for an existing row."""
    key = quote(str(page.model._default_manager.values_list("pk", flat=True)[0]))
    prefix = page_url(page)
    return [re.sub(r"<[^>]+>", key, route) for route in routes() if route.startswith(prefix)]


def filters_of(page: "admin.ModelAdmin[Any]", user: Any) -> Iterator[tuple[Any, str]]:
    """Yield the parameters of a list's filters and of its dates, after their kinds."""
    request = RequestFactory().get(page_url(page))
    request.user = user
    for spec in page.get_changelist_instance(request).filter_specs:
        names: Any = filter(None, spec.expected_parameters())
        for number, name in enumerate(names):
            yield (type(spec), type(getattr(spec, "field", None)), number), name
    if day := page.date_hierarchy:
        yield from (
            (name, name) for name in (f"{day}__{part}" for part in ("year", "month", "day"))
        )


def edit_urls(page: "admin.ModelAdmin[Any]") -> list[str]:
    """Return the URLs of a model's forms, for an existing row."""
    return [url for url in own_urls(page) if url.endswith(("add/", "change/", "password/"))]


def hostile_queries(user: Any) -> Iterator[str]:
    """Yield URLs of the lists with hostile queries: each kind of filter, field and parameter once."""
    seen = set()
    for page in registered_pages():
        for kind, query in _queries_of(page, user):
            if kind not in seen:
                yield f"{page_url(page)}?{query}"
            seen.add(kind)


def _queries_of(page: "admin.ModelAdmin[Any]", user: Any) -> Iterator[tuple[Any, str]]:
    """Yield hostile queries of a list, after their kinds. Lists of one kind of filter share its code."""
    for kind, name in filters_of(page, user):
        yield from (((kind, value), f"{name}={value}") for value in [*VALUES, "9999"])
    for name in RESERVED:
        kind = (page, name) if name in OF_EACH_LIST else name
        yield from (((kind, value), f"{name}={value}") for value in FEW_VALUES)
    for field in page.opts.get_fields():
        for number, lookup in enumerate(LOOKUPS):
            query = f"{field.name}__{lookup}={FEW_VALUES[number % len(FEW_VALUES)]}"
            yield (type(field), lookup), query
    if day := page.date_hierarchy:
        for dates in ((9999, 12, 31), (0, 1, 1), (2026, 13, 1), (2026, 2, 30), (9999, 12, None)):
            parts = zip(("year", "month", "day"), dates, strict=True)
            query = "&".join(f"{day}__{part}={value}" for part, value in parts if value is not None)
            yield (day, dates), query


def hostile_initials(page: "admin.ModelAdmin[Any]") -> Iterator[list[str]]:
    """Yield hostile initial values of a form, each time those of all its fields."""
    names = field_names(page)
    yield from ([f"{name}={value}" for name in names] for value in FEW_VALUES[:2])


def field_names(page: "admin.ModelAdmin[Any]") -> list[str]:
    """Return the names of the fields in a page's forms."""
    inner = [inline.model._meta.get_fields() for inline in page.inlines]
    return sorted({field.name for fields in (page.opts.get_fields(), *inner) for field in fields})


def hostile_values(page: "admin.ModelAdmin[Any]") -> Iterator[dict[str, str]]:
    """Yield forms with each value in every field."""
    names = field_names(page)
    split = [f"{name}_{part}" for name in names for part in (0, 1)]
    for value in map(unquote, ["%00", *FEW_VALUES]):
        yield dict.fromkeys([*names, *split, "rows", "password1", "password2"], value)


def hostile_counts(page: "admin.ModelAdmin[Any]") -> Iterator[dict[str, str]]:
    """Yield forms with impossible counts of rows."""
    prefixes = [inline.model._meta.model_name for inline in page.inlines]
    counted = ["form", *prefixes, *[f"{prefix}s" for prefix in prefixes], "prices"]
    for count, other in zip(map(unquote, COUNTS), COUNTS[::-1], strict=True):
        counts = {f"{prefix}-TOTAL_FORMS": count for prefix in counted}
        counts |= {f"{prefix}-INITIAL_FORMS": unquote(other) for prefix in counted}
        yield counts | {"_save": "Save"}


def hostile_actions(user: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield URLs of the lists with hostile posts of their actions: each kind of id and action once."""
    seen = set()
    request = RequestFactory().get("/admin/")
    request.user = user
    for page in registered_pages():
        actions = list(page.get_actions(request)) or ["delete_selected"]
        for kind, chosen in _actions_of(page, actions):
            if kind not in seen:
                yield page_url(page), chosen
            seen.add(kind)


def _actions_of(
    page: "admin.ModelAdmin[Any]", actions: list[str]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield hostile posts of a list's actions, after their kinds."""
    key: Any = type(page.opts.pk)
    for action in actions:
        for value in map(unquote, [*VALUES, "%00"]):
            for more in ({}, {"post": "yes", "confirmed": "yes"}):
                chosen = {"action": action, "_selected_action": [value], "index": "0"} | more
                of = page if value in FEW_VALUES else key
                yield (of, action, value, len(more)), chosen
    for name in ("index", "select_across", "action"):
        for value in map(unquote, VALUES):
            chosen = {"action": [actions[0]], "_selected_action": ["0"], "index": "0"}
            yield (name, value), chosen | {name: value}
    yield (key, "huge"), {"action": actions[0], "_selected_action": [str(10**30)] * 3}
    yield (key, "many"), {"action": actions[0], "_selected_action": ["1"] * 100_000}
