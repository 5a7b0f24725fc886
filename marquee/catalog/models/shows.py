"""Shows, their formats, and the revision of the whole catalog."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from marquee.catalog.fields import (
    LanguageField,
    LanguagesField,
    unique_name,
    visible_name,
)
from marquee.catalog.local_time import BUSINESS_DAY_BEGINS
from marquee.catalog.models.cinemas import Auditorium, SeatPlan
from marquee.catalog.models.movies import Movie
from marquee.catalog.models.prices import PriceCard
from marquee.catalog.states import ShowState
from marquee.core import zones
from marquee.core.derived import DerivedTextField
from marquee.core.local_day import LocalDay
from marquee.core.validators import validate_line


class Format(models.Model):
    """A format of projection, such as 2D, IMAX or 35mm. Shows name it by its code, which stays."""

    code = models.CharField(
        max_length=20, validators=[validate_line], help_text="What shows name it by: IMAX, 35mm."
    )
    name = models.CharField(
        max_length=50, validators=[validate_line], help_text="What people read: 35 mm."
    )
    position = models.PositiveSmallIntegerField(
        "place in lists", default=100, help_text="Lists begin with the lowest."
    )
    code_key = DerivedTextField(key="name", sources=["code"])

    class Meta:
        db_table = "show_format"
        ordering = ["position", "code_key", "id"]
        constraints = [
            unique_name(
                "format_code_unique", "code_key", message="There is a format of this code already."
            ),
            visible_name("format", column="code_key"),
        ]

    def __str__(self) -> str:
        return self.name


class Show(models.Model):
    """One movie in one auditorium at one time.

    Two scheduled shows in one auditorium never overlap, turnaround included. On PostgreSQL the
    exclusion constraint `show_no_overlap` enforces that, on SQLite the check inside the write
    transaction (catalog/operations/shows.py).
    """

    State = ShowState

    # The indexes below begin with these two columns, so the columns need no index of their own.
    movie = models.ForeignKey(Movie, on_delete=models.PROTECT, related_name="shows", db_index=False)
    auditorium = models.ForeignKey(
        Auditorium, on_delete=models.PROTECT, related_name="shows", db_index=False
    )
    seat_plan = models.ForeignKey(SeatPlan, on_delete=models.PROTECT, related_name="shows")
    price_card = models.ForeignKey(PriceCard, on_delete=models.PROTECT, related_name="shows")
    starts_at = models.DateTimeField()
    # The wall-clock time that was sold is `starts_at` by this offset: the zone's rules may change,
    # and then `starts_at` and the offset move, and the wall-clock time stays (`keep_local_time`).
    timezone = models.CharField(max_length=64, editable=False)
    utc_offset = models.SmallIntegerField("minutes ahead of UTC at the start", editable=False)
    starts_on = models.GeneratedField(
        expression=LocalDay("starts_at", "utc_offset"),
        output_field=models.DateField(),
        db_persist=True,
        verbose_name="day, by the cinema's clock",
    )
    business_day = models.GeneratedField(
        expression=LocalDay("starts_at", "utc_offset", begins_at=BUSINESS_DAY_BEGINS),
        output_field=models.DateField(),
        db_persist=True,
    )
    ends_at = models.DateTimeField()
    # The end plus the turnaround: until then no other show may start in the auditorium.
    occupied_until = models.DateTimeField(editable=False)
    sales_until = models.DateTimeField()
    sales_from = models.DateTimeField(null=True, blank=True)
    # The offsets of the sales times, which may be in another season than the start. NULL: that time
    # moves with the start.
    sales_until_offset = models.SmallIntegerField(null=True, editable=False)
    sales_from_offset = models.SmallIntegerField(null=True, editable=False)
    format = models.CharField(max_length=20, default="2D", help_text="The code of a format.")
    language = LanguageField(blank=True)
    subtitles = LanguagesField(
        blank=True, help_text="Several with blanks between, the most important first: de fr."
    )
    captions = models.BooleanField(
        "captions for the deaf", default=False, help_text="They say what is to be heard, too."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    call_off_reason = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        db_table = "show"
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="show_by_start"),
            models.Index(fields=["movie", "starts_at"], name="show_by_movie"),
            models.Index(fields=["auditorium", "starts_at"], name="show_by_auditorium"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), occupied_until__gte=F("ends_at")),
                name="show_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(sales_until__lte=F("ends_at")), name="show_sales_close_by_its_end"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "called_off"]), name="show_state_known"
            ),
            models.CheckConstraint(
                condition=Q(sales_from__isnull=True) | Q(sales_from__lte=F("sales_until")),
                name="show_sales_open_before_they_close",
            ),
            models.CheckConstraint(
                condition=Q(call_off_reason="") | Q(state="called_off"),
                name="show_with_a_reason_is_called_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.movie}, {self.written_start}"

    @property
    def local_start(self) -> datetime:
        """The start by the cinema's clock, without a zone."""
        return self.starts_at.astimezone(UTC).replace(tzinfo=None) + timedelta(
            minutes=self.utc_offset
        )

    @property
    def clock(self) -> tzinfo:
        """The cinema's time zone, with the offset by which the show was sold."""
        return zones.zone_as_stored(self.starts_at, self.timezone, self.utc_offset)

    @property
    def written_start(self) -> str:
        """The start for people, with its zone: `2026-11-24 20:15 (Europe/Vienna)`."""
        return zones.write_time(self.starts_at, self.timezone, utc_offset=self.utc_offset)

    def set_clock(self, zone: str) -> None:
        """Store the zone and the wall-clock time of the start, by the rules of today."""
        self.timezone = zone
        self.utc_offset = zones.utc_offset(self.starts_at, ZoneInfo(zone))

    def set_sales_clock(self, name: str) -> None:
        """Store the wall-clock time of `sales_from` or `sales_until`, by the rules of today."""
        at = getattr(self, name)
        is_own = at is not None and at != self.starts_at
        offset = zones.utc_offset(at, ZoneInfo(self.timezone)) if is_own else None
        setattr(self, f"{name}_offset", offset)


class Revision(models.Model):
    """The revision of the catalog: one row, whose value changes with every change of a table above.

    Only triggers of the database write it (migration 0003), so that no writer can forget it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    value = models.BigIntegerField()

    class Meta:
        db_table = "catalog_revision"

    def __str__(self) -> str:
        return str(self.value)
