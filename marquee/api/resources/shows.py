"""`shows/`: when and where a movie is shown, with seats left and prices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from marquee.api.docs import shows as docs
from marquee.api.filters import DayFilter, FilterSet, IdFilter
from marquee.api.negotiation import JSON
from marquee.api.pagination import request_cache_key
from marquee.api.permissions import IsStaff
from marquee.api.responses import json_response
from marquee.api.serializers.shows import ShowWriteSerializer, render_show, serialize_show
from marquee.api.serializers.strict import require_empty_body
from marquee.api.views import BaseAPIView, CachedResponseMixin
from marquee.api.viewsets import CatalogViewSet
from marquee.booking.operations import call_off
from marquee.booking.queries import SeatsTaken, listed_show, listed_shows, seats_taken
from marquee.catalog import operations, queries
from marquee.catalog.models import Movie, Show
from marquee.core.cache import CachedResponse, ResponseCache


class UpcomingShowFilter(FilterSet):
    """The filters of a movie's shows; without a day, shows that have ended are left out."""

    has_default_filter = True

    date = DayFilter(
        method="filter_date",
        help_text=(
            "Shows that start on this day, by their cinema's own clock. Without it: those that "
            "have not ended yet."
        ),
    )
    cinema = IdFilter(field_name="auditorium__cinema", help_text="Shows in this cinema.")

    @classmethod
    def is_time_dependent(cls, query: QueryDict) -> bool:
        """Return whether shows leave the list as they end; those of a day stay."""
        return not query.get("date")

    def filter_date(self, shows: QuerySet[Show], name: str, value: Any) -> QuerySet[Show]:
        """Keep the shows of this local day."""
        return queries.on_local_day(shows, value)

    def filter_queryset(self, queryset: QuerySet[Show]) -> QuerySet[Show]:
        """Apply the filters; without a day, leave out shows that have ended."""
        shows: QuerySet[Show] = super().filter_queryset(queryset)
        return shows if self.form.cleaned_data["date"] else queries.not_ended(shows)


class ShowFilter(UpcomingShowFilter):
    """The filters of shows."""

    movie = IdFilter(field_name="movie", help_text="Shows of this movie.")
    format = filters.ChoiceFilter(choices=Show.Format.choices, help_text="How it is projected.")
    language = filters.CharFilter(max_length=12, help_text="The language spoken: `en`.")


class ShowListVersion(NamedTuple):
    """What a page of shows was made of, and, if it follows the clock, from when until when it is that."""

    revision: int | None  # of the catalogue
    seats: dict[int, int]  # how many each show has
    since: datetime | None = None
    until: datetime | None = None
    taken: SeatsTaken | None = None  # as last counted

    @property
    def is_expired(self) -> bool:
        """Whether the clock has ended it, or is before it."""
        if self.since is None:
            return False
        now = timezone.now()
        return now < self.since or (self.until is not None and self.until <= now)


MAX_ATTEMPTS = 3
HOLE = b"\0"  # no JSON has one
_shelf: ResponseCache[ShowListVersion] = ResponseCache(max_bytes=16_000_000)


class CachedShowListMixin(CachedResponseMixin, GenericAPIView[Show]):
    """Answers with pages of shows, kept ready but for the seats left of each."""

    filterset_class: type[UpcomingShowFilter]

    def shows(self) -> QuerySet[Show]:
        """Return the shows to filter and to list."""
        return self.get_queryset()

    def cached_response(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Answer with the page that is kept ready, if its shows are as they were then."""
        address = request_cache_key(request)
        ready = _shelf.get(address)
        return None if ready is None or ready.version.is_expired else _render_page(address, ready)

    def list_response(self) -> HttpResponseBase:
        """Answer with the page that is asked for, and keep it ready. Raises 503."""
        address = request_cache_key(self.request)
        for _ in range(MAX_ATTEMPTS):
            if response := _render_page(address, self._build_page()):
                return response
        raise OperationalError("The catalogue changes faster than it can be read.")

    def _build_page(self) -> CachedResponse[ShowListVersion]:
        # First: what is read after them may be newer, never older.
        revision, since = queries.current_revision(), timezone.now()
        rows = self.filter_queryset(self.shows())
        shows = listed_shows(show.pk for show in self.paginate_queryset(rows) or [])
        answers = [render_show(show, self.request, HOLE) for show in shows]
        page = orjson.dumps(self.get_paginated_response(answers).data)
        programme = ShowListVersion(revision, {show.facts.id: show.seats_total for show in shows})
        if self.filterset_class.is_time_dependent(self.request.query_params):
            programme = programme._replace(since=since, until=queries.earliest_end(rows))
        body = page.replace(b"%", b"%%").replace(HOLE, b"%d")
        return CachedResponse(programme, body)


def _render_page(address: str, ready: CachedResponse[ShowListVersion]) -> HttpResponse | None:
    """Return the page with the seats left of each show, and keep it ready.

    None if the catalogue is another by then.
    """
    programme = ready.version
    taken = seats_taken(programme.seats, programme.taken)
    if taken.revision != programme.revision:
        return None
    if taken is not programme.taken:
        _shelf.put(address, ready._replace(version=programme._replace(taken=taken)))
    left = (seats - taken.counts.get(show, 0) for show, seats in programme.seats.items())
    return HttpResponse(ready.body % tuple(left), content_type=JSON)


@docs.viewset
class ShowViewSet(CachedShowListMixin, CatalogViewSet[Show]):
    """`shows/`."""

    queryset = Show.objects.only("pk")
    serializer_class = ShowWriteSerializer
    filterset_class = ShowFilter

    def cached_response(self, request: HttpRequest, **named: Any) -> HttpResponseBase | None:
        """Return a show, or the cached page. Raises 404."""
        return _show_response(named["pk"], request) if named else super().cached_response(request)

    def retrieve(self, request: Request, pk: int) -> HttpResponseBase:
        """Return one show."""
        return _show_response(pk, request)

    def serialize_many(self, rows: Sequence[Show]) -> Sequence[Any]:
        """Return shows as API clients see them."""
        return [serialize_show(show, self.request) for show in listed_shows(row.pk for row in rows)]

    def add_row(self, **fields: Any) -> Show:
        """Schedule a show."""
        return operations.add_show(**fields)

    def change_row(self, row: Show, **fields: Any) -> Show:
        """Change a show."""
        return operations.change_show(show=row, **fields)

    def delete_row(self, row: Show) -> None:
        """Delete a show."""
        operations.delete_show(show=row)


class CallOffShowView(BaseAPIView):
    """`shows/{id}/call-off/`."""

    permission_classes = [IsStaff]

    @docs.call_off
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Call a show off, and return it."""
        require_empty_body(request.data)
        if not Show.objects.filter(pk=pk).exists():
            raise NotFound
        call_off(show=Show(pk=pk))
        return _show_response(pk, request)


class ShowsOfMovieView(CachedShowListMixin):
    """`movies/{id}/shows/`."""

    authentication_classes = []
    queryset = Show.objects.only("pk")
    filterset_class = UpcomingShowFilter

    def shows(self) -> QuerySet[Show]:
        """Return the shows of the movie. Raises 404."""
        movie = self.kwargs["pk"]
        if not Movie.objects.filter(pk=movie).exists():
            raise NotFound
        return super().shows().filter(movie=movie)

    @docs.shows_of_movie
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return a page of the movie's shows."""
        return self.list_response()


def _show_response(pk: int, request: HttpRequest | Request) -> HttpResponse:
    """Return a response with one show. Raises 404."""
    show = listed_show(pk)
    if show is None:
        raise NotFound
    return json_response(serialize_show(show, request))
