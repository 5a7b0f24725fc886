"""Cinemas, their auditoriums, and the seats of these."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from marquee.catalog.fields import (
    unique_name,
    validate_currency,
    validate_timezone,
    visible_name,
)
from marquee.catalog.states import SeatCategory, SeatKind, SingleGaps
from marquee.core.derived import DerivedTextField
from marquee.core.validators import validate_line, validate_lines


class Cinema(models.Model):
    """A cinema: one building. Its shows have its time zone, its prices its currency."""

    name = models.CharField(max_length=100, validators=[validate_line])
    city = models.CharField(max_length=100, validators=[validate_line])
    timezone = models.CharField("time zone", max_length=64, validators=[validate_timezone])
    currency = models.CharField(max_length=3, validators=[validate_currency])
    cancel_until_minutes = models.PositiveIntegerField(
        "cancelling closes (minutes before the show)",
        null=True,
        blank=True,
        validators=[MaxValueValidator(525_600)],
        help_text="Left blank, the setting CANCEL_UNTIL_MINUTES holds.",
    )
    reminder_hours = models.PositiveSmallIntegerField(
        "remind customers by mail (hours before the show; 0 for never)",
        default=0,
        validators=[MaxValueValidator(168)],
    )
    single_gaps = models.CharField(
        "single seats left alone",
        max_length=6,
        choices=SingleGaps.choices,
        default=SingleGaps.ADVISE,
        db_default=SingleGaps.ADVISE,
    )
    address = models.TextField(
        max_length=300, blank=True, default="", db_default="", validators=[validate_lines]
    )
    accessibility = models.TextField(
        max_length=2000,
        blank=True,
        default="",
        db_default="",
        validators=[validate_lines],
        help_text="Steps, lifts, toilets, induction loops: what visitors want to know before.",
    )
    name_key = DerivedTextField(key="name", sources=["name"])
    city_key = DerivedTextField(key="name", sources=["city"])
    sort_name = DerivedTextField(key="sort", sources=["name"])
    search_text = DerivedTextField(key="search", sources=["name", "city"])

    class Meta:
        db_table = "cinema"
        ordering = ["sort_name", "id"]
        constraints = [
            unique_name(
                "cinema_name_unique_in_city",
                "city_key",
                "name_key",
                message="There is a cinema of this name in the city already.",
            ),
            visible_name("cinema"),
            models.CheckConstraint(
                condition=Q(single_gaps__in=SingleGaps.values), name="cinema_single_gaps_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def tzinfo(self) -> tzinfo:
        """The cinema's time zone, for arithmetic."""
        return ZoneInfo(self.timezone)


class Auditorium(models.Model):
    """One auditorium of a cinema. New shows take the seats of its newest seat plan."""

    cinema = models.ForeignKey(Cinema, on_delete=models.PROTECT, related_name="auditoriums")
    name = models.CharField(max_length=100, validators=[validate_line])
    turnaround_minutes = models.PositiveSmallIntegerField(
        default=15,
        validators=[MaxValueValidator(1440)],
        help_text="Kept free after every show, for cleaning.",
    )
    name_key = DerivedTextField(key="name", sources=["name"])
    sort_name = DerivedTextField(key="sort", sources=["name"])
    search_text = DerivedTextField(key="search", sources=["name"])

    class Meta:
        db_table = "auditorium"
        ordering = ["cinema", "sort_name", "id"]
        constraints = [
            unique_name(
                "auditorium_name_unique_in_cinema",
                "cinema",
                "name_key",
                message="The cinema has an auditorium of this name already.",
            ),
            visible_name("auditorium"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.cinema}"


class SeatPlan(models.Model):
    """An immutable version of an auditorium's seats. A change of the seats is a new version."""

    auditorium = models.ForeignKey(Auditorium, on_delete=models.CASCADE, related_name="seat_plans")
    version = models.PositiveIntegerField()
    rows = models.JSONField(help_text='The plan as text, one string a row: "A: sssss_sssss".')
    seats_total = models.PositiveIntegerField()
    categories = models.JSONField(help_text="The categories that it has seats of.")

    class Meta:
        db_table = "seat_plan"
        ordering = ["auditorium", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["auditorium", "version"], name="seat_plan_version_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.auditorium} (plan {self.version})"


class Seat(models.Model):
    """One seat of a plan. Neighbours follow from `y` and `x`, never from the label."""

    plan = models.ForeignKey(SeatPlan, on_delete=models.CASCADE, related_name="seats")
    label = models.CharField(max_length=12)
    row = models.CharField(max_length=4)
    y = models.PositiveSmallIntegerField("row order, from the screen")
    x = models.PositiveSmallIntegerField("position in the row, gaps counted")
    category = models.CharField(max_length=10, choices=SeatCategory.choices)
    kind = models.CharField(max_length=10, choices=SeatKind.choices)

    class Meta:
        db_table = "seat"
        ordering = ["plan", "y", "x"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "label"], name="seat_label_unique_in_plan"),
            models.UniqueConstraint(fields=["plan", "y", "x"], name="seat_place_unique_in_plan"),
            models.CheckConstraint(
                condition=Q(category__in=SeatCategory.values), name="seat_category_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=SeatKind.values), name="seat_kind_known"),
        ]

    def __str__(self) -> str:
        return self.label
