"""Several staff change the catalog at once: the changes are serialised (docs/decisions/0012).

PostgreSQL serialises them by `lock_catalog`, before all other locks. SQLite has one writer. Without
it, two staff deadlock, or one of them overwrites what the other has changed.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from marquee.booking.operations import block, call_off, unblock
from marquee.catalog import locks, operations, validation
from marquee.catalog.models import (
    Auditorium,
    Cinema,
    Movie,
    PriceCard,
    Seat,
    Show,
    TicketType,
)
from marquee.catalog.operations import PriceLine
from marquee.catalog.operations import shows as show_operations
from tests.factories import PRICES, make_auditorium, make_cinema, make_movie, make_price_card
from tests.races.guards import replace_everywhere
from tests.races.interleave import Race, Scene, interleavings
from tests.races.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

ADULT = PriceLine("standard", "adult", Decimal(12))
RECLINER = PriceLine("recliner", "adult", Decimal(20))


def without_catalog_lock_first(patch) -> None:
    """Let staff take the catalog's lock only by the trigger, at their first change."""
    replace_everywhere(patch, locks.lock_catalog, lambda: None)


def without_locks(patch) -> None:
    """Let staff read and change a row without locks; on SQLite, without a transaction."""
    without_catalog_lock_first(patch)
    replace_everywhere(patch, locks.lock_show_exclusively, lambda show: None)

    def read(row, **how):
        return type(row)._default_manager.get(pk=row.pk)

    replace_everywhere(patch, locks.lock_row, read)
    if connection.vendor == "sqlite":
        for verb in list(vars(operations).values()):
            if hasattr(verb, "__wrapped__"):
                replace_everywhere(patch, verb, verb.__wrapped__)


# --- Deadlocks ------------------------------------------------------------------------------------


def change_movie(scenario):
    operations.change_movie(movie=scenario.show.movie, certificate="12")


def change_cinema(scenario):
    operations.change_cinema(cinema=scenario.show.auditorium.cinema, city="Graz")


def change_auditorium(scenario):
    operations.change_auditorium(auditorium=scenario.show.auditorium, turnaround_minutes=20)


def change_price_card(scenario):
    operations.change_price_card(price_card=scenario.show.price_card, name="Other prices")


def change_show(scenario):
    operations.change_show(show=scenario.show, language="fr")


def call_it_off(scenario):
    call_off(show=scenario.show)


CHANGES = [change_movie, change_cinema, change_auditorium, change_price_card, change_show]


def a_change_during_an_import(change) -> Race:
    """Change a row that an import will change later in its transaction, after it added a movie."""
    scenario = Scenario()

    def import_it():
        with transaction.atomic():
            make_movie()
            change(scenario)

    race = Race(Scene(scenario, importer=import_it, staff=lambda: change(scenario)))
    race.advance("importer", before="RELEASE SAVEPOINT")  # the movie is in
    race.advance("staff")
    race.finish()
    return race


@pytest.mark.parametrize("change", CHANGES)
def test_staff_who_change_what_an_import_has_yet_to_change_never_deadlock(change):
    race = a_change_during_an_import(change)
    assert race.outcome == ("done", "done"), race


@pytest.mark.parametrize("change", CHANGES)
def test_control_without_the_catalog_lock_they_deadlock_on_postgresql(change, monkeypatch):
    without_catalog_lock_first(monkeypatch)
    race = a_change_during_an_import(change)
    assert ("OperationalError" in race.outcome) == (connection.vendor == "postgresql"), race


def change_and_call_off() -> Race:
    """Call a show off while other staff have locked it to change it."""
    scenario = Scenario()
    race = Race(
        Scene(
            scenario, change=lambda: change_show(scenario), call_off=lambda: call_it_off(scenario)
        )
    )
    race.advance("change", before='UPDATE "show"')
    race.advance("call_off")
    race.finish()
    return race


def test_a_show_that_is_changed_while_it_is_called_off_never_deadlocks():
    race = change_and_call_off()
    assert race.outcome == ("done", "done"), race
    show = Show.objects.get(pk=race.scene.about.show.pk)
    assert (show.language, show.state) == ("fr", "called_off"), race


def test_control_with_the_catalog_locked_only_to_call_off_the_two_deadlock(monkeypatch):
    monkeypatch.setattr(show_operations, "lock_catalog", lambda: None)
    race = change_and_call_off()
    assert ("OperationalError" in race.outcome) == (connection.vendor == "postgresql"), race


# --- Lost changes ---------------------------------------------------------------------------------


def two_of_a_movie(scenario):
    movie = make_movie()
    return (
        lambda: operations.change_movie(movie=movie, title="Other"),
        lambda: operations.change_movie(movie=movie, certificate="15"),
        lambda: Movie.objects.values_list("title", "certificate").get(pk=movie.pk),
        ("Other", "15"),
    )


def two_of_a_cinema(scenario):
    cinema = make_cinema()
    return (
        lambda: operations.change_cinema(cinema=cinema, city="Graz"),
        lambda: operations.change_cinema(cinema=cinema, cancel_until_minutes=5),
        lambda: Cinema.objects.values_list("city", "cancel_until_minutes").get(pk=cinema.pk),
        ("Graz", 5),
    )


def two_of_an_auditorium(scenario):
    auditorium = make_auditorium(scenario.show.auditorium.cinema, rows=["A: ss"])
    return (
        lambda: operations.change_auditorium(auditorium=auditorium, rows=["A: sss"]),
        lambda: operations.change_auditorium(auditorium=auditorium, turnaround_minutes=7),
        lambda: (
            Auditorium.objects.get(pk=auditorium.pk).turnaround_minutes,
            auditorium.seat_plans.count(),
        ),
        (7, 2),
    )


def two_of_a_price_card(scenario):
    card = make_price_card(scenario.show.auditorium.cinema)
    return (
        lambda: operations.change_price_card(price_card=card, prices=[ADULT]),
        lambda: operations.change_price_card(price_card=card, prices=[ADULT, RECLINER]),
        lambda: PriceCard.objects.get(pk=card.pk).version,
        3,
    )


def two_of_a_show(scenario):
    show = scenario.show
    return (
        lambda: operations.change_show(show=show, language="fr"),
        lambda: operations.change_show(show=show, subtitles="de"),
        lambda: Show.objects.values_list("language", "subtitles").get(pk=show.pk),
        ("fr", "de"),
    )


TWO_OF = [two_of_a_movie, two_of_a_cinema, two_of_an_auditorium, two_of_a_price_card, two_of_a_show]


def two_at_once(two):
    def scene() -> Scene:
        scenario = Scenario()
        one, other, scenario.look, scenario.both = two(scenario)
        return Scene(scenario, one=one, other=other)

    return scene


@pytest.mark.parametrize("two", TWO_OF)
def test_of_two_changes_of_one_thing_none_is_lost(two):
    for race in interleavings(two_at_once(two), first="one"):
        assert not any(isinstance(race[name], Exception) for name in ("one", "other")), race
        assert race.scene.about.look() == race.scene.about.both, race


@pytest.mark.parametrize("two", TWO_OF)
def test_control_without_locks_one_of_two_changes_is_lost(two, monkeypatch):
    without_locks(monkeypatch)
    races = interleavings(two_at_once(two), first="one")
    assert any(race.scene.about.look() != race.scene.about.both for race in races)


# --- What one removes or changes, another needs ---------------------------------------------------


def add_show(scenario, **parts):
    usual = {
        "movie": scenario.show.movie,
        "auditorium": scenario.show.auditorium,
        "price_card": scenario.show.price_card,
    }
    # Between the shows of two days, whatever the time of day that the test runs at.
    starts_at = scenario.show.starts_at + timedelta(hours=12)
    return lambda: operations.add_show(**usual | parts, starts_at=starts_at)


def show_of_a_movie_that_goes(scenario):
    movie = make_movie()
    return add_show(scenario, movie=movie), lambda: operations.delete(row=movie)


def show_in_an_auditorium_that_goes(scenario):
    auditorium = make_auditorium(scenario.show.auditorium.cinema, rows=["A: ss"])
    return add_show(scenario, auditorium=auditorium), lambda: operations.delete(row=auditorium)


def show_at_prices_that_go(scenario):
    card = make_price_card(scenario.show.auditorium.cinema)
    return add_show(scenario, price_card=card), lambda: operations.delete_price_card(
        price_card=card
    )


def change_to_prices_that_go(scenario):
    card = make_price_card(scenario.show.auditorium.cinema)
    return (
        lambda: operations.change_show(show=scenario.show, price_card=card),
        lambda: operations.delete_price_card(price_card=card),
    )


def change_to_an_auditorium_that_goes(scenario):
    auditorium = make_auditorium(scenario.show.auditorium.cinema, rows=["A: ss"])
    return (
        lambda: operations.change_show(show=scenario.show, auditorium=auditorium),
        lambda: operations.delete(row=auditorium),
    )


def change_to_a_movie_that_goes(scenario):
    movie = make_movie()
    return (
        lambda: operations.change_show(show=scenario.show, movie=movie),
        lambda: operations.delete(row=movie),
    )


def auditorium_of_a_cinema_that_goes(scenario):
    cinema = make_cinema()
    return lambda: make_auditorium(cinema), lambda: operations.delete(row=cinema)


def prices_of_a_cinema_that_goes(scenario):
    cinema = make_cinema()
    return lambda: make_price_card(cinema), lambda: operations.delete(row=cinema)


def prices_of_a_type_that_goes(scenario):
    kind = TicketType.objects.create(
        code=f"type-{scenario.show.pk}", name=f"Type {scenario.show.pk}"
    )
    prices = PRICES | {("standard", kind.code): "3.00"}
    cinema = scenario.show.auditorium.cinema
    return lambda: make_price_card(cinema, prices), lambda: operations.delete(row=kind)


NEEDS = [
    show_of_a_movie_that_goes,
    show_in_an_auditorium_that_goes,
    show_at_prices_that_go,
    change_to_a_movie_that_goes,
    change_to_an_auditorium_that_goes,
    change_to_prices_that_go,
    auditorium_of_a_cinema_that_goes,
    prices_of_a_cinema_that_goes,
    prices_of_a_type_that_goes,
]


def needed_and_removed(needs):
    def scene() -> Scene:
        scenario = Scenario()
        use, remove = needs(scenario)
        return Scene(scenario, use=use, remove=remove)

    return scene


def one_was_refused(race, needs) -> bool:
    """Say whether one change was made, and the other refused."""
    use, remove = race.outcome
    if remove == "ProtectedError":
        return not isinstance(race["use"], Exception)
    unknown = "BadInput" if needs is prices_of_a_type_that_goes else "RemovedMeanwhile"
    return (use, remove) == (unknown, "done")


@pytest.mark.parametrize("needs", NEEDS)
def test_what_one_needs_and_another_removes_is_either_there_or_refused(needs):
    seen = set()
    for race in interleavings(needed_and_removed(needs), first="use"):
        assert one_was_refused(race, needs), str(race)
        seen.add(race.outcome)
    assert len(seen) == 2, "both ends were seen"


@pytest.mark.parametrize("needs", NEEDS)
def test_control_without_locks_one_of_them_fails(needs, monkeypatch):
    without_locks(monkeypatch)
    assert not all(
        one_was_refused(race, needs)
        for race in interleavings(needed_and_removed(needs), first="use")
    )


def block_a_seat(scenario):
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    block(show=scenario.show, seats={seat.pk})


def unblock_a_seat(scenario):
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    unblock(show=scenario.show, seats={seat.pk})


@pytest.mark.parametrize("act", [change_show, call_it_off, block_a_seat, unblock_a_seat])
def test_what_is_done_to_a_show_that_is_removed_meanwhile_is_refused_by_name(act):
    scenario = Scenario()
    race = Race(
        Scene(
            scenario,
            remove=lambda: operations.delete_show(show=scenario.show),
            act=lambda: act(scenario),
        )
    )
    race.advance("remove", before="COMMIT")
    race.advance("act")
    race.finish()
    assert race.outcome == ("done", "RemovedMeanwhile"), race


# --- Prices that must fit -------------------------------------------------------------------------


def show_and_fewer_prices() -> Scene:
    """Add a show in an auditorium with recliners while their price is dropped."""
    scenario = Scenario()
    cinema = scenario.show.auditorium.cinema
    auditorium = make_auditorium(cinema, rows=["A: ssrr"])
    card = make_price_card(cinema)
    return Scene(
        scenario,
        add=add_show(scenario, auditorium=auditorium, price_card=card),
        change=lambda: operations.change_price_card(price_card=card, prices=[ADULT]),
    )


def prices_and_another_currency() -> Scene:
    """Price a card in cents while the currency of its cinema becomes yen."""
    scenario = Scenario()
    cinema = make_cinema()
    return Scene(
        scenario,
        add=lambda: make_price_card(cinema),
        change=lambda: operations.change_cinema(cinema=cinema, currency="JPY"),
    )


FITS = {
    show_and_fewer_prices: {("Show", "BadInput"), ("BadInput", "PriceCard")},
    prices_and_another_currency: {("PriceCard", "CinemaInUse"), ("BadInput", "Cinema")},
}


@pytest.mark.parametrize("scene", FITS)
def test_what_must_fit_together_is_not_changed_at_once(scene):
    assert {race.outcome for race in interleavings(scene, first="add")} == FITS[scene]


@pytest.mark.parametrize("scene", FITS)
def test_control_without_locks_both_are_made_and_do_not_fit(scene, monkeypatch):
    without_locks(monkeypatch)
    seen = {race.outcome for race in interleavings(scene, first="add")}
    assert seen & {("Show", "PriceCard"), ("PriceCard", "Cinema")}


# --- Names ----------------------------------------------------------------------------------------


def one_name_twice() -> Scene:
    scenario = Scenario()
    fields = {"name": f"Cinema of {scenario.show.pk}", "city": "Graz", "timezone": "Europe/Vienna"}

    def add():
        return operations.add_cinema(**fields, currency="EUR")

    return Scene(scenario, one=add, other=add)


def test_of_two_cinemas_with_one_name_one_is_made_and_the_other_refused():
    for race in interleavings(one_name_twice, first="one"):
        assert sorted(race.outcome) == ["Cinema", "NameTaken"], race


def test_control_without_asking_which_constraint_it_was_the_second_fails(monkeypatch):
    monkeypatch.setattr(validation, "_check_constraints", lambda row: None)
    if connection.vendor == "sqlite":
        monkeypatch.setattr(operations, "add_cinema", operations.add_cinema.__wrapped__)
    seen = {
        outcome for race in interleavings(one_name_twice, first="one") for outcome in race.outcome
    }
    assert "IntegrityError" in seen
