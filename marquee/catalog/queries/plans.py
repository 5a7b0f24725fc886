"""Read seat plans. A version of a plan never changes, so each process caches it for good."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from marquee.catalog.models import Auditorium, Seat, SeatPlan
from marquee.catalog.records import PlanData, PlanSeat
from marquee.core.cache import cache_forever


@cache_forever
def get_plan(plan_id: int) -> PlanData:
    """Return a seat plan, read once in a process's life. Raises SeatPlan.DoesNotExist."""
    fields = ("id", "label", "row", "y", "x", "category", "kind")
    seats = Seat.objects.filter(plan_id=plan_id).order_by("y", "x").values_list(*fields)
    places = tuple(PlanSeat(*seat) for seat in seats)
    if not places:
        raise SeatPlan.DoesNotExist
    return PlanData(id=plan_id, places=places)


def newest_plan(auditorium: Auditorium) -> SeatPlan:
    """Return the plan that the auditorium's next show will have."""
    return newest_plans([auditorium.pk])[auditorium.pk]


def newest_plans(auditoriums: Iterable[int]) -> dict[int, SeatPlan]:
    """Return the newest plan of each auditorium, by the auditorium's key, in one query."""
    newer = SeatPlan.objects.filter(
        auditorium=OuterRef("auditorium"), version__gt=OuterRef("version")
    )
    plans = SeatPlan.objects.filter(~Exists(newer), auditorium__in=auditoriums)
    return {plan.auditorium_id: plan for plan in plans}


def seat_categories(plans: Iterable[int]) -> set[str]:
    """Return the seat categories that these plans have seats of."""
    seats = Seat.objects.filter(plan__in=plans).order_by()
    return set(seats.values_list("category", flat=True).distinct())
