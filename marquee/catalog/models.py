"""Movies, cinemas with their auditoriums and seat plans, price cards, and shows."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from marquee.catalog.fields import (
    LanguageField,
    LanguagesField,
    unique_name,
    validate_currency,
    validate_language,
    validate_timezone,
    visible_name,
)
from marquee.catalog.local_time import BUSINESS_DAY_BEGINS
from marquee.catalog.states import SeatCategory, SeatKind, ShowState
from marquee.core import zones
from marquee.core.derived import DerivedTextField
from marquee.core.local_day import LocalDay
from marquee.core.validators import validate_line, validate_lines

# Migration 0001 names the validators by these.
check_timezone, check_currency = validate_timezone, validate_currency
check_language = validate_language


class Genre(models.Model):
    """A genre of movies, such as Drama or Science fiction."""

    name = models.CharField(max_length=50, validators=[validate_line])
    name_key = DerivedTextField(key="name", sources=["name"])
    sort_name = DerivedTextField(key="sort", sources=["name"])
    search_text = DerivedTextField(key="search", sources=["name"])

    class Meta:
        db_table = "genre"
        ordering = ["sort_name", "id"]
        constraints = [
            unique_name("genre_name_unique", "name_key", message="There is such a genre already."),
            visible_name("genre"),
        ]

    def __str__(self) -> str:
        return self.name


class Movie(models.Model):
    """A movie that cinemas show."""

    title = models.CharField(max_length=200, validators=[validate_line])
    original_title = models.CharField(max_length=200, blank=True, validators=[validate_line])
    synopsis = models.TextField(max_length=5000, blank=True, validators=[validate_lines])
    runtime_minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(1500)]
    )
    certificate = models.CharField(
        "age certificate", max_length=20, blank=True, validators=[validate_line]
    )
    genres = models.ManyToManyField(Genre, blank=True, related_name="movies")
    original_language = LanguageField(blank=True)
    release_date = models.DateField(null=True, blank=True)
    poster = models.URLField(
        "poster address", max_length=500, blank=True, help_text="Left blank, we draw one."
    )
    trailer = models.URLField("trailer address", max_length=500, blank=True)
    sort_title = DerivedTextField(
        key="title", sources=["title", "original_title", "original_language"]
    )
    search_text = DerivedTextField(key="search", sources=["title", "original_title"])

    class Meta:
        db_table = "movie"
        ordering = ["sort_title", "id"]
        indexes = [models.Index(fields=["sort_title", "id"], name="movie_by_title")]
        constraints = [visible_name("movie", column="sort_title")]

    def __str__(self) -> str:
        return self.title


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


class TicketType(models.Model):
    """Who a ticket is for: adult, child, senior, student, carer, or what staff add.

    Customers book a restricted type only as these columns allow. Staff may always book it. Every
    change must raise the versions of price cards: see `operations.change_ticket_type`.
    """

    code = models.SlugField(max_length=20, primary_key=True)
    name = models.CharField(max_length=50, validators=[validate_line])
    position = models.PositiveSmallIntegerField("place in lists", default=100)
    needs_kind = models.CharField(
        "needs a ticket in",
        max_length=10,
        blank=True,
        default="",
        choices=[(SeatKind.WHEELCHAIR.value, SeatKind.WHEELCHAIR.label)],
        help_text="One such ticket in the same booking for each ticket of this type.",
    )
    needs_type = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="needs a ticket of type",
        help_text="One such ticket in the same booking for each ticket of this type.",
    )
    counter_only = models.BooleanField(
        "sold at the counter only", default=False, help_text="Customers cannot book it themselves."
    )
    code_key = DerivedTextField(key="name", sources=["code"])
    search_text = DerivedTextField(key="search", sources=["code", "name"])

    class Meta:
        db_table = "ticket_type"
        ordering = ["position", "code"]
        constraints = [
            unique_name(
                "ticket_type_code_unique",
                "code_key",
                message="There is a ticket type of this code already.",
            ),
            visible_name("ticket_type", column="search_text"),
            models.CheckConstraint(
                condition=Q(needs_kind="") | Q(needs_kind="wheelchair", needs_type__isnull=True),
                name="ticket_type_needs_one_known_thing",
                violation_error_message="A type needs a seat kind or another type, not both.",
            ),
            models.CheckConstraint(
                condition=Q(needs_type__isnull=True) | ~Q(needs_type=F("code")),
                name="ticket_type_needs_another_type",
                violation_error_message="A type cannot need itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_restricted(self) -> bool:
        """Whether customers cannot book one ticket of this type alone."""
        return self.counter_only or bool(self.needs_kind) or self.needs_type_id is not None


class PriceCard(models.Model):
    """Prices by seat category and ticket type, in the currency of the cinema."""

    cinema = models.ForeignKey(Cinema, on_delete=models.PROTECT, related_name="price_cards")
    name = models.CharField(max_length=100, validators=[validate_line])
    default_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="+")
    wheelchair_limit = models.PositiveSmallIntegerField(
        "wheelchair spaces per customer",
        default=1,
        validators=[MaxValueValidator(100)],
        help_text="At one show, over all bookings of a customer. 0: at the counter only.",
    )
    # Every change of a price raises it, so a process may cache the prices of a version forever.
    version = models.PositiveIntegerField(default=1, editable=False)
    name_key = DerivedTextField(key="name", sources=["name"])
    sort_name = DerivedTextField(key="sort", sources=["name"])
    search_text = DerivedTextField(key="search", sources=["name"])

    class Meta:
        db_table = "price_card"
        ordering = ["cinema", "sort_name", "id"]
        constraints = [
            unique_name(
                "price_card_name_unique_in_cinema",
                "cinema",
                "name_key",
                message="The cinema has a price card of this name already.",
            ),
            visible_name("price_card"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.cinema}"


class Price(models.Model):
    """One line of a price card: the amount in minor units of the cinema's currency."""

    card = models.ForeignKey(PriceCard, on_delete=models.CASCADE, related_name="prices")
    category = models.CharField(max_length=10, choices=SeatCategory.choices)
    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField("amount in minor units (cents)")
    counter_only = models.BooleanField(
        "sold at the counter only",
        default=False,
        help_text="On this card and for these seats, whatever the ticket type says.",
    )

    class Meta:
        db_table = "price"
        ordering = ["card", "category", "type__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["card", "category", "type"], name="price_unique_in_card"
            ),
            models.CheckConstraint(
                condition=Q(category__in=SeatCategory.values), name="price_category_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}, {self.type_id}"


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
