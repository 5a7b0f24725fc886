"""Ticket types, and price cards."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from marquee.catalog.fields import (
    unique_name,
    visible_name,
)
from marquee.catalog.models.cinemas import Cinema
from marquee.catalog.states import SeatCategory, SeatKind
from marquee.core.derived import DerivedTextField
from marquee.core.validators import validate_line


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
