"""Pages that list shows, cached with the seats left; one query to the database validates each.

As lists of the API do: see `booking.queries.show_list_version`.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import orjson
from django.conf import settings

from marquee.booking.queries import (
    SeatsLeft,
    ShowListItem,
    ShowListVersion,
    read_at_one_revision,
    seats_left_at,
    show_list_version,
)
from marquee.booking.sales_states import Fullness, SalesState, fullness, sales_state
from marquee.catalog import queries
from marquee.catalog.queries import MovieListItem, MovieText
from marquee.catalog.states import SeatKind
from marquee.core.cache import on_clear_caches
from marquee.core.money import Money
from marquee.core.text import search_text

MAX_CACHED = 256


@dataclass(frozen=True, slots=True)
class LiveShow:
    """What of a show changes with its seats and with time. Equal ones look equal."""

    item: ShowListItem
    state: SalesState
    fullness: Fullness
    price_from: Money
    accessible_left: bool


@dataclass(frozen=True)
class ListedMovie:
    """A movie with its texts by language, and a text to search its titles in."""

    item: MovieListItem
    texts: Mapping[str, MovieText]

    @cached_property
    def genres(self) -> tuple[str, ...]:
        """The names of its genres."""
        return tuple(name for (name,) in orjson.loads(self.item.genres or "[]"))

    @cached_property
    def search_text(self) -> str:
        """The text in which searches look for words."""
        titles = [text.title for text in self.texts.values()]
        return search_text(self.item.title, self.item.original_title, *titles)


class Shows(Protocol):
    """What a page needs of the catalog, read at one revision: its shows, and more."""

    @property
    def shows(self) -> tuple[ShowListItem, ...]:
        """The shows that the page lists."""
        ...


Part = TypeVar("Part", bound=Shows)


@dataclass(frozen=True)
class Listing(Generic[Part]):
    """What a page needs of the catalog, and the seats left at one version."""

    part: Part
    version: ShowListVersion
    left: Mapping[int, SeatsLeft]

    def current(self) -> "Listing[Part] | None":
        """Return the listing with the seats left now, by one query; None if the catalog has changed."""
        version = show_list_version(show.record.id for show in self.part.shows)
        if version == self.version:
            return self
        return self.at(version) if version.revision == self.version.revision else None

    def at(self, version: ShowListVersion) -> "Listing[Part]":
        """Return the listing with the seats left at a version."""
        plans = {show.record.id: show.record.seat_plan_id for show in self.part.shows}
        return replace(self, version=version, left=seats_left_at(version, plans))

    def live(self, show: ShowListItem, now: datetime) -> LiveShow:
        """Return what there is to say of a show now."""
        return live_show(show, self.left[show.record.id], now)


def live_show(show: ShowListItem, left: SeatsLeft, now: datetime) -> LiveShow:
    """Return what there is to say of a show now, with these seats left."""
    record = show.record
    plan = queries.get_plan(record.seat_plan_id)
    card = queries.get_prices(record.price_card_id, show.card_version)
    total = sum(number for (_, kind), number in plan.groups.items() if kind == SeatKind.STANDARD)
    return LiveShow(
        show,
        sales_state(record, left=left.general, accessible_left=left.accessible, now=now),
        fullness(left=left.general, total=total),
        Money(card.lowest(left.categories or plan.categories), card.currency),
        left.accessible > 0,
    )


_listings: OrderedDict[Hashable, Listing[Any]] = OrderedDict()
_lock = threading.Lock()
on_clear_caches(_listings.clear)


def get_listing(key: Hashable, read: Callable[[], Part]) -> Listing[Part]:
    """Return the listing that is cached under a key, as it is now, or else what `read` reads.

    It is one query while the catalog does not change.
    """
    cached: Listing[Part] | None = _listings.get(key)
    listing = (cached and cached.current()) or _read(read)
    if listing is not cached:
        _put(key, listing)
    return listing


def _read(read: Callable[[], Part]) -> Listing[Part]:
    def with_plans_and_prices() -> Part:
        part = read()
        # From now on they are cached, even if they are removed before the page is made.
        for show in part.shows:
            queries.get_plan(show.record.seat_plan_id)
            queries.get_prices(show.record.price_card_id, show.card_version)
        return part

    part, version = read_at_one_revision(
        with_plans_and_prices, lambda part: [show.record.id for show in part.shows]
    )
    return Listing(part, version, {}).at(version)


def _put(key: Hashable, listing: Listing[Any]) -> None:
    with _lock:
        _listings[key] = listing
        _listings.move_to_end(key)
        while len(_listings) > MAX_CACHED:
            _listings.popitem(last=False)


def listed_movies(ids: set[int]) -> dict[int, ListedMovie]:
    """Return movies by id, with their texts in each language of the pages."""
    items = queries.list_movies(sorted(ids))
    texts = {code: queries.movie_texts(ids, code) for code, _name in settings.LANGUAGES}
    return {
        item.id: ListedMovie(item, {code: found[item.id] for code, found in texts.items()})
        for item in items
    }
