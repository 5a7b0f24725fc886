"""Filters of the back office's lists by day: by each cinema's own clock, not by UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from marquee.catalog.local_time import business_day
from marquee.catalog.queries import zones_in_use

Days = tuple[date, date]  # the first and the last


def _days(ahead: int, count: int = 1) -> Callable[[date], Days]:
    return lambda today: (today + timedelta(ahead), today + timedelta(ahead + count - 1))


class LocalDayFilter(admin.SimpleListFilter):
    """A filter by some days, from each cinema's today on. `path` leads from a row to its show."""

    path = ""
    now = staticmethod(timezone.now)
    choices_of_days: dict[str, tuple[str, Callable[[date], Days]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [(value, label) for value, (label, _) in self.choices_of_days.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen days. Raises IncorrectLookupParameters."""
        if self.value() is None:
            return queryset
        chosen, zones = Q(), zones_in_use()
        for zone in zones:
            of_zone = Q(**{f"{self.path}auditorium__cinema__timezone": zone})
            chosen |= of_zone & self.condition(self._chosen(self.today(zone)), zone)
        return queryset.filter(chosen) if zones else queryset.none()

    def _chosen(self, today: date) -> Days:
        """Return the chosen days, or a day that was written as 2026-11-24."""
        value = self.value() or ""
        if value in self.choices_of_days:
            return self.choices_of_days[value][1](today)
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise IncorrectLookupParameters from None
        return day, day

    def today(self, zone: str) -> date:
        """Return the day that it is in a zone."""
        return self.now().astimezone(ZoneInfo(zone)).date()

    def condition(self, days: Days, zone: str) -> Q:
        """Return the condition for rows of these days at cinemas in a zone."""
        raise NotImplementedError


class BusinessDayFilter(LocalDayFilter):
    """A filter by the business day of a show."""

    title = "business day"
    parameter_name = "business_day"
    choices_of_days = {
        "yesterday": ("Yesterday", _days(-1)),
        "today": ("Today", _days(0)),
        "tomorrow": ("Tomorrow", _days(1)),
        "week": ("Today and 6 more days", _days(0, 7)),
    }

    def today(self, zone: str) -> date:
        """Return the business day that it is in a zone."""
        return business_day(self.now().astimezone(ZoneInfo(zone)))

    def condition(self, days: Days, zone: str) -> Q:
        """Return the condition for shows of these business days."""
        return Q(**{f"{self.path}business_day__range": days})


class MomentFilter(LocalDayFilter):
    """A filter by the day of a time, `field`, by the clock of the show's cinema."""

    field: str
    choices_of_days = {
        "today": ("Today", _days(0)),
        "yesterday": ("Yesterday", _days(-1)),
        "week": ("Today and the 6 days before", _days(-6, 7)),
        "month": ("This month", lambda today: (today.replace(day=1), today)),
        "year": ("This year", lambda today: (today.replace(month=1, day=1), today)),
    }

    def condition(self, days: Days, zone: str) -> Q:
        """Return the condition for times from the first day's midnight to the last one's."""
        first, last = days
        try:
            begin, end = (
                datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
                for day in (first, last + timedelta(days=1))
            )
        except OverflowError:
            raise IncorrectLookupParameters from None
        return Q(**{f"{self.field}__gte": begin, f"{self.field}__lt": end})
