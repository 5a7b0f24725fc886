"""Read seat plans. A version of a plan never changes, so each process caches it forever."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.utils import timezone

from marquee.catalog.models import Auditorium, PriceCard, Seat, SeatPlan, Show
from marquee.catalog.records import PlanData, PlanSeat
from marquee.core.cache import cache_forever


@cache_forever
def get_plan(plan_id: int) -> PlanData:
    """Return a seat plan, cached for the life of the process. Raises SeatPlan.DoesNotExist."""
    fields = ("id", "label", "row", "y", "x", "category", "kind")
    rows = Seat.objects.filter(plan_id=plan_id).order_by("y", "x").values_list(*fields)
    seats = tuple(PlanSeat(*row) for row in rows)
    if not seats:
        raise SeatPlan.DoesNotExist
    return PlanData(id=plan_id, seats=seats)


@cache_forever
def get_seat_label(seat_id: int) -> str:
    """Return the label of a seat of any plan, cached for the life of the process."""
    return Seat.objects.values_list("label", flat=True).get(pk=seat_id)


def newest_plan(auditorium: Auditorium) -> SeatPlan:
    """Return the plan that the auditorium's next show will have."""
    return newest_plans([auditorium.pk])[auditorium.pk]


def newest_plans(auditoriums: Iterable[int]) -> dict[int, SeatPlan]:
    """Return the newest plan of each auditorium, by the auditorium's id, in one query."""
    newer = SeatPlan.objects.filter(
        auditorium=OuterRef("auditorium"), version__gt=OuterRef("version")
    )
    plans = SeatPlan.objects.filter(~Exists(newer), auditorium__in=auditoriums)
    return {plan.auditorium_id: plan for plan in plans}


def upcoming_seat_categories(card: PriceCard) -> set[str]:
    """Return the seat categories of the shows that are on sale, or will be, at a card's prices."""
    shows = card.shows.filter(state=Show.State.SCHEDULED, ends_at__gt=timezone.now())
    plans = SeatPlan.objects.filter(pk__in=shows.values("seat_plan"))
    return {
        category
        for categories in plans.values_list("categories", flat=True)
        for category in categories
    }
