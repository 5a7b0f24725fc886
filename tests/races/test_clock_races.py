"""A transaction that waited judges by the clock after its wait, not before it."""

import time

import pytest
from django.utils import timezone

from marquee.booking import locks
from marquee.core.transactions import transact
from tests.races.interleave import Race, Scene
from tests.races.stage import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def test_the_time_is_read_after_the_wait_for_a_lock():
    stage = Stage()
    held = stage.hold(stage.alice, "A1")

    def look(how):
        return transact(how)

    def for_booking():
        who = {"user_id": stage.alice.pk, "token_epoch": 0, "show_id": stage.show.pk}
        return locks.for_booking(**who).now

    for name in (for_booking, lambda: locks.for_change(held).now):
        race = Race(Scene(stage, one=lambda: look(lambda: locks.for_change(held)), other=lambda: look(name)))
        race.advance("one", 2)
        race.advance("other")
        time.sleep(0.05)
        went_on_at = timezone.now()
        race.finish()
        assert race["other"] >= went_on_at, f"{race['other'] - went_on_at} {race}"
