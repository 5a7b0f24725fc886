"""Staff change a show while customers book it: a booking matches the show before or after.

A customer who waited for staff books the changed show. Staff who waited for a customer see the
booking.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from marquee.booking import locks
from marquee.booking.models import Ticket
from marquee.booking.operations import block, confirm
from marquee.booking.records import TicketRequest
from marquee.catalog import operations as catalog
from marquee.catalog.locks import lock_row
from marquee.catalog.models import Seat, Show, TicketType
from marquee.catalog.operations import PriceLine, change_price_card, change_show, delete_show
from tests.factories import PRICES, book_tickets, make_auditorium, make_movie, make_price_card
from tests.races import guards
from tests.races.interleave import Race, Scene, interleavings
from tests.races.scenario import Scenario, check_audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

DEARER = PRICES | {("standard", "adult"): "20.00"}


# --- Customers who wait for staff -----------------------------------------------------------------


def other_prices(scenario):
    card = make_price_card(scenario.show.auditorium.cinema, DEARER)
    return lambda: change_show(show=scenario.show, price_card=card)


def end_of_sales(scenario):
    return lambda: change_show(
        show=scenario.show, sales_until=timezone.now() - timedelta(minutes=1)
    )


def other_auditorium(scenario):
    auditorium = make_auditorium(scenario.show.auditorium.cinema, rows=["A: ss_s"])
    return lambda: change_show(show=scenario.show, auditorium=auditorium)


def smaller_auditorium(scenario):
    auditorium = make_auditorium(scenario.show.auditorium.cinema, rows=["B: ss"])
    return lambda: change_show(show=scenario.show, auditorium=auditorium)


def removal(scenario):
    return lambda: delete_show(show=scenario.show)


def block_it(scenario):
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    return lambda: block(show=scenario.show, seats={seat.pk})


# What staff do, and the outcome for a customer who waits for it and wants A1.
BEFORE_A_BOOKING = {
    other_prices: "Booking",
    end_of_sales: "SalesClosed",
    other_auditorium: "Booking",
    smaller_auditorium: "UnknownSeat",
    removal: "DoesNotExist",
    block_it: "SeatsTaken",
}


def a_customer_waits_for_staff(staff) -> Race:
    """Pause staff before their commit, let a customer start, then let both go on."""
    scenario = Scenario()
    scene = Scene(
        scenario, staff=staff(scenario), customer=lambda: scenario.book(scenario.alice, "A1")
    )
    race = Race(scene)
    race.advance("staff", before="COMMIT")
    race.advance("customer")
    assert not race.racers["customer"].is_done, race
    race.finish()
    return race


def matches_the_show(race) -> bool:
    """Say whether a booking has a seat of the show's plan, at the price of the show's card."""
    show = Show.objects.get(pk=race.scene.about.show.pk)
    prices = {price.amount for price in show.price_card.prices.filter(type="adult")}
    tickets = Ticket.objects.filter(booking__show=show).select_related("seat")
    return all(one.seat.plan_id == show.seat_plan_id and one.price in prices for one in tickets)


@pytest.mark.parametrize("staff", BEFORE_A_BOOKING)
def test_a_booking_that_waited_for_staff_follows_their_change(staff):
    race = a_customer_waits_for_staff(staff)
    assert race.outcome[1] == BEFORE_A_BOOKING[staff], race
    assert not isinstance(race["staff"], Exception), race
    if staff is not removal:
        assert matches_the_show(race), race
        check_audit(race)


# Blocking changes no column of the show, and DELETE takes the stronger lock by itself.
STALE = [other_prices, end_of_sales, other_auditorium, smaller_auditorium]


def without_shutting_customers_out(patch) -> None:
    """Lock shows NO KEY UPDATE, like other rows, so that bookings may refer to them."""
    guards.replace_everywhere(
        patch, lock_row, lambda row, exclusive=False, join="": lock_row(row, join=join)
    )


def without_customers_locking_the_show(patch) -> None:
    """Let customers take the show's advisory lock, but not its row."""
    guards._without_clause(patch, "FOR KEY SHARE OF show")


@pytest.mark.parametrize("staff", STALE)
@pytest.mark.parametrize(
    "without", [without_shutting_customers_out, without_customers_locking_the_show]
)
def test_control_with_a_weaker_lock_a_booking_follows_the_show_as_it_was(
    staff, without, monkeypatch
):
    if connection.vendor == "postgresql":
        without(monkeypatch)
    else:  # SQLite has one writer instead of locks
        guards.without_single_writer(monkeypatch)
    race = a_customer_waits_for_staff(staff)
    assert race.outcome[1] == "Booking", race
    assert staff is end_of_sales or not matches_the_show(race), race


def late_confirmation(scenario):
    expired = scenario.expired_hold(scenario.alice, "A1")
    return lambda: confirm(booking=expired)


BEFORE_A_CHANGE = {(late_confirmation, end_of_sales): "SalesClosed"}


def a_change_waits_for_staff(act, staff) -> Race:
    scenario = Scenario()
    race = Race(Scene(scenario, staff=staff(scenario), customer=act(scenario)))
    race.advance("staff", before="COMMIT")
    race.advance("customer")
    assert not race.racers["customer"].is_done, race
    race.finish()
    assert race.outcome[0] == "Show", race
    return race


@pytest.mark.parametrize(("act", "staff"), BEFORE_A_CHANGE)
def test_a_change_of_a_booking_that_waited_for_staff_is_judged_by_what_they_changed(act, staff):
    race = a_change_waits_for_staff(act, staff)
    assert race.outcome[1] == BEFORE_A_CHANGE[act, staff], race
    check_audit(race)


@pytest.mark.parametrize(("act", "staff"), BEFORE_A_CHANGE)
def test_control_without_locking_the_show_a_change_is_judged_by_the_show_as_it_was(
    act, staff, monkeypatch
):
    without_customers_locking_the_show(monkeypatch)
    race = a_change_waits_for_staff(act, staff)
    assert race.outcome[1] == "done", race


# --- Staff who wait for customers -----------------------------------------------------------------


# What staff do, and its outcome when a booking came first.
AFTER_A_BOOKING = {
    other_prices: "Show",
    end_of_sales: "Show",
    other_auditorium: "ShowHasBookings",
    smaller_auditorium: "ShowHasBookings",
    removal: "ProtectedError",
    block_it: "SeatsTaken",
}


def staff_come_while_a_customer_books(staff) -> Race:
    """Pause a customer before the INSERT, when the show is read, and let staff start."""
    scenario = Scenario()
    race = Race(
        Scene(scenario, staff=staff(scenario), customer=lambda: scenario.book(scenario.alice, "A1"))
    )
    race.advance("customer", before="INSERT INTO")
    race.advance("staff")
    race.finish()
    return race


@pytest.mark.parametrize("staff", AFTER_A_BOOKING)
def test_staff_who_waited_for_a_booking_find_it(staff):
    race = staff_come_while_a_customer_books(staff)
    assert race.outcome == (AFTER_A_BOOKING[staff], "Booking"), race
    assert (
        Show.objects.get(pk=race.scene.about.show.pk).seat_plan_id
        == race["customer"].tickets.get().seat.plan_id
    )
    check_audit(race)


@pytest.mark.parametrize(
    "staff", [staff for staff, outcome in AFTER_A_BOOKING.items() if outcome != "Show"]
)
def test_control_without_the_shows_lock_staff_pass_a_booking_under_way(staff, monkeypatch):
    guards.without_show_lock(monkeypatch)
    race = staff_come_while_a_customer_books(staff)
    assert race.outcome[0] in {"Show", "done"}, race


def test_a_booking_pays_the_old_price_or_the_new_one_while_staff_change_the_shows_card():
    def scene() -> Scene:
        scenario = Scenario()
        change = other_prices(scenario)
        return Scene(scenario, book=lambda: scenario.book(scenario.alice, "A1"), change=change)

    seen = set()
    for race in interleavings(scene):
        assert race.outcome == ("Booking", "Show"), race
        seen.add(race["book"].total)
        check_audit(race)
    assert seen == {1250, 2000}


# --- Made and used while a customer waits ---------------------------------------------------------


def new_card(scenario):
    return {"price_card": make_price_card(scenario.show.auditorium.cinema, DEARER)}


def new_auditorium(scenario):
    return {"auditorium": make_auditorium(scenario.show.auditorium.cinema, rows=["A: sss"])}


def new_movie(scenario):
    return {"movie": make_movie()}


NEW = [new_card, new_auditorium, new_movie]


def made_and_used_while_a_customer_waits(make) -> Race:
    """Change a show twice in one transaction, while a customer waits.

    The rows that the second change refers to are created after the customer began to wait.
    """
    scenario = Scenario()

    def import_it():
        with transaction.atomic():
            change_show(show=scenario.show, language="fr")
            return change_show(show=scenario.show, **make(scenario))

    scene = Scene(scenario, staff=import_it, customer=lambda: scenario.book(scenario.alice, "A1"))
    race = Race(scene)
    race.advance("staff", before="INSERT INTO")
    race.advance("customer")
    assert not race.racers["customer"].is_done, race
    race.finish()
    return race


@pytest.mark.parametrize("make", NEW)
def test_what_is_made_and_used_while_a_booking_waits_is_found(make):
    race = made_and_used_while_a_customer_waits(make)
    assert race.outcome == ("Show", "Booking"), race
    assert matches_the_show(race), race
    check_audit(race)


@pytest.mark.parametrize("make", NEW)
def test_control_without_the_retry_a_logged_in_customer_is_asked_to_log_in(make, monkeypatch):
    without_retry(monkeypatch)
    race = made_and_used_while_a_customer_waits(make)
    found = {"sqlite": "Booking", "postgresql": "AccountClosed"}  # SQLite waits before it reads
    assert race.outcome == ("Show", found[connection.vendor]), race


def without_retry(patch) -> None:
    """Let a booking that finds no row after its wait give up."""
    patch.setattr(locks, "range", lambda times: [0], raising=False)


def test_other_prices_that_were_there_before_the_wait_are_found_without_the_retry(monkeypatch):
    without_retry(monkeypatch)
    race = a_customer_waits_for_staff(other_prices)
    assert race["customer"].total == 2000, race


def test_control_joined_inside_what_is_locked_they_are_not(monkeypatch):
    without_retry(monkeypatch)
    row = locks._fetch_locked

    def joined_inside(sql, *rest, columns, joins, counter_locks):
        join = "JOIN price_card ON price_card.id = show.price_card_id WHERE"
        sql = sql.replace("WHERE", join, 1).replace("SELECT", "SELECT price_card.version AS v,", 1)
        joins = joins.replace("JOIN price_card ON price_card.id = locked.price_card_id", "")
        columns = columns.replace("price_card.version", "locked.v")
        return row(sql, *rest, columns=columns, joins=joins, counter_locks=counter_locks)

    monkeypatch.setattr(locks, "_fetch_locked", joined_inside)
    race = a_customer_waits_for_staff(other_prices)
    found = {"sqlite": "Booking", "postgresql": "AccountClosed"}
    assert race.outcome[1] == found[connection.vendor], race


# --- A ticket type is removed while somebody books with it ----------------------------------------


def a_type_is_removed_while_it_is_booked() -> Race:
    """Delete a ticket type whose ticket is written and checked, but not yet committed."""
    scenario = Scenario()
    card, child = (
        scenario.show.price_card,
        TicketType.objects.create(code="toddler", name="Toddler"),
    )
    adult = PriceLine("standard", "adult", Decimal("12.50"))
    with_it = [adult, PriceLine("standard", "toddler", Decimal(3))]
    change_price_card(price_card=card, prices=with_it)

    def customer():
        with transaction.atomic():
            made = book_tickets(scenario.alice, scenario.show, [TicketRequest("A1", "toddler")])
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return made.booking

    def staff():
        change_price_card(price_card=card, prices=[adult])
        catalog.delete(row=child)

    race = Race(Scene(scenario, customer=customer, staff=staff))
    race.advance("customer", before="COMMIT")
    race.advance("staff")
    race.finish()
    return race


def test_a_ticket_type_that_is_booked_while_it_is_removed_stays():
    race = a_type_is_removed_while_it_is_booked()
    assert race.outcome == ("Booking", "ProtectedError"), race
    check_audit(race)
    assert TicketType.objects.filter(code="toddler").exists()


def test_control_without_locking_the_whole_row_its_removal_fails_at_the_end(monkeypatch):
    without_shutting_customers_out(monkeypatch)
    race = a_type_is_removed_while_it_is_booked()
    found = {"sqlite": "ProtectedError", "postgresql": "IntegrityError"}
    assert race.outcome == ("Booking", found[connection.vendor]), race
