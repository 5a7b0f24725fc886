"""Lists of shows: their filters, and pages that are cached with the seats left of each show."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from rest_framework.generics import GenericAPIView

from marquee.api.caching import CachedResponse, CachedResponseMixin, ResponseCache
from marquee.api.filters import ChoiceFilter, DayFilter, FilterSet, IdFilter, TextFilter
from marquee.api.serializers.shows import ShowFragments, show_fragments
from marquee.booking.queries import (
    ShowListVersion,
    get_show_list_items,
    read_at_one_revision,
    seats_left_at,
    show_list_version,
)
from marquee.catalog import queries
from marquee.catalog.models import Show
from marquee.core.languages import MAX_LENGTH

YES_NO = [("true", "yes"), ("false", "no")]


class UpcomingShowFilter(FilterSet):
    """The filters of a movie's shows. Without a day, shows that have ended are left out.

    A `date` and a `business_day` together both hold.
    """

    has_default_filter = True

    date = DayFilter(
        method="filter_date",
        help_text=(
            "Shows that start on this day in their cinema's time zone. Without it: shows that "
            "have not ended."
        ),
    )
    business_day = DayFilter(
        method="filter_business_day",
        help_text=(
            "Shows of this business day: from 06:00 to 05:59 in their cinema's time zone, so that a "
            "show at 00:30 belongs to the evening before."
        ),
    )
    cinema = IdFilter(field_name="auditorium__cinema", help_text="Shows in this cinema.")

    @classmethod
    def is_time_dependent(cls, query: QueryDict) -> bool:
        """Return whether shows leave the list as they end; those of a day stay."""
        return not (query.get("date") or query.get("business_day"))

    def filter_date(self, shows: QuerySet[Show], name: str, value: Any) -> QuerySet[Show]:
        """Keep the shows of this local day."""
        return queries.filter_by_local_day(shows, value)

    def filter_business_day(self, shows: QuerySet[Show], name: str, value: Any) -> QuerySet[Show]:
        """Keep the shows of this business day."""
        return queries.filter_by_business_day(shows, value)

    def filter_queryset(self, queryset: QuerySet[Show]) -> QuerySet[Show]:
        """Apply the filters; without a day, leave out shows that have ended."""
        shows: QuerySet[Show] = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        on_a_day = chosen["date"] or chosen["business_day"]
        return shows if on_a_day else queries.filter_not_ended(shows)


class ShowFilter(UpcomingShowFilter):
    """The filters of shows."""

    movie = IdFilter(field_name="movie", help_text="Shows of this movie.")
    format = TextFilter(
        method="filter_format", max_length=20, help_text="The code of a format: `2D`, `IMAX`."
    )
    language = TextFilter(
        method="filter_language",
        max_length=MAX_LENGTH,
        help_text="The spoken language. `pt` finds `pt-BR`, too.",
    )
    subtitles = TextFilter(
        method="filter_language",
        max_length=MAX_LENGTH,
        help_text="A language of the subtitles. `pt` finds `pt-BR`, too.",
    )
    captions = ChoiceFilter(
        choices=YES_NO,
        method="filter_captions",
        help_text="Whether there are captions for the deaf.",
    )

    def filter_format(self, shows: QuerySet[Show], name: str, value: str) -> QuerySet[Show]:
        """Keep the shows in this format. Refuses with BadInput an unknown one."""
        return shows.filter(format=queries.find_format(value, field=name))

    def filter_language(self, shows: QuerySet[Show], name: str, value: str) -> QuerySet[Show]:
        """Keep the shows in this language, or with subtitles in it. Refuses with BadInput."""
        return queries.filter_by_language(shows, value, column=name)

    def filter_captions(self, shows: QuerySet[Show], name: str, value: str) -> QuerySet[Show]:
        """Keep the shows with captions, or those without."""
        return shows.filter(captions=value == "true")


@dataclass(frozen=True)
class ShowPage(CachedResponse):
    """A page of shows, with what its body is made of beside the taken seats."""

    version: ShowListVersion
    shows: dict[int, ShowFragments]
    links: dict[str, str | None]
    since: datetime  # it holds from then
    until: datetime | None  # until a show opens, closes, or leaves a page of shows to come

    @property
    def size(self) -> int:
        """The bytes of memory that it takes, about: the fragments are as long as the body."""
        return super().size + len(self.body)

    @property
    def is_expired(self) -> bool:
        """Whether sales opened or closed, other shows are to come, or the clock was set back."""
        now = timezone.now()
        return now < self.since or (self.until is not None and self.until <= now)

    def at(self, version: ShowListVersion) -> "ShowPage":
        """Return the page with the seats left of another version."""
        now = timezone.now()
        plans = {id_: show.record.seat_plan_id for id_, show in self.shows.items()}
        left = seats_left_at(version, plans)
        results = [show.with_seats(left[id_], now) for id_, show in self.shows.items()]
        body = orjson.dumps({"results": results} | self.links)
        return replace(self, version=version, body=body)


class CachedShowListMixin(CachedResponseMixin, GenericAPIView[Show]):
    """Lists shows from cached pages.

    One query validates a page: it returns the catalog's revision and the taken seats of the page's
    shows. If only seats have changed, the page is made again from these counts.
    """

    cache = ResponseCache(max_bytes=16_000_000)
    filterset_class: type[UpcomingShowFilter]

    def shows(self) -> QuerySet[Show]:
        """Return the shows to filter and to list."""
        return self.get_queryset()

    def validate(self, cached: ShowPage) -> ShowPage | None:
        """Return the page with the seats left now; None if other shows may be listed."""
        if cached.is_expired:
            return None
        version = show_list_version(cached.shows)
        if version == cached.version:
            return cached
        return cached.at(version) if version.revision == cached.version.revision else None

    def build(self) -> ShowPage:
        """Return a page read from the database."""
        page, version = read_at_one_revision(self._read, lambda page: page.shows)
        return page.at(version)

    def _read(self) -> ShowPage:
        now = timezone.now()  # first: what changes while we read expires the page
        rows = self.filter_queryset(self.shows())
        shows = get_show_list_items(show.pk for show in self.paginate_queryset(rows) or [])
        origin = f"{self.request.scheme}://{self.request.get_host()}"
        fragments = {show.record.id: show_fragments(show, origin) for show in shows}
        links = self.get_paginated_response([]).data
        del links["results"]
        is_time_dependent = self.filterset_class.is_time_dependent(self.request.query_params)
        changes = [
            moment
            for show in shows
            for moment in (show.record.sales_from, show.record.sales_until)
            if moment and moment > now
        ]
        if is_time_dependent and (end := queries.earliest_end(rows)):
            changes.append(end)
        return ShowPage(
            version=ShowListVersion(None, None),
            body=b"",
            shows=fragments,
            links=links,
            since=now,
            until=min(changes, default=None),
        )
