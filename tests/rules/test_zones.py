from datetime import UTC, datetime

import pytest

from marquee.core.zones import is_same_zone, refusal_of, write_time


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Vienna",
        "America/Los_Angeles",
        "Asia/Kolkata",
        "Europe/Oslo",
        "America/Argentina/Ushuaia",
    ],
)
def test_places_are_time_zones_of_cinemas(zone):
    assert refusal_of(zone) is None


@pytest.mark.parametrize(
    "zone",
    [
        "localtime", "posixrules", "posix/Europe/Vienna", "right/Europe/Vienna", "Factory", "UTC",
        "GMT", "Zulu", "Etc/UTC", "Etc/GMT-1", "CET", "EST", "EST5EDT", "", "../../etc/passwd",
        "Europe/Atlantis", "x" * 1000, "\u200b",
    ],
)  # fmt: skip
def test_zones_that_are_no_places_are_refused(zone):
    assert "such as Europe/Vienna" in refusal_of(zone)


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("US/Pacific", "America/Los_Angeles"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Japan", "Asia/Tokyo"),
        ("europe/vienna", "Europe/Vienna"),
        ("EUROPE/VIENNA", "Europe/Vienna"),
        ("Vienna", "Europe/Vienna"),
        ("New York", "America/New_York"),
        ("Europe/Veinna", "Europe/Vienna"),
    ],
)
def test_the_refusal_names_the_place_that_is_meant(zone, meant):
    assert f"write {meant}." in refusal_of(zone)


def test_two_names_of_one_zone_are_the_same():
    assert is_same_zone("US/Pacific", "America/Los_Angeles")
    assert is_same_zone("America/Los_Angeles", "US/Pacific-New") is False
    assert not is_same_zone("Europe/Vienna", "Europe/Berlin")


def test_times_for_people_have_their_zone():
    at = datetime(2026, 11, 24, 19, 15, tzinfo=UTC)
    assert write_time(at, "Europe/Vienna") == "2026-11-24 20:15 (Europe/Vienna)"
    assert write_time(at, "America/Los_Angeles") == "2026-11-24 11:15 (America/Los_Angeles)"


@pytest.mark.parametrize(("hour", "offset"), [(0, "+02:00"), (1, "+01:00")])
def test_an_hour_that_comes_twice_has_its_offset_too(hour, offset):
    at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert write_time(at, "Europe/Vienna") == f"2026-10-25 02:30{offset} (Europe/Vienna)"


def test_a_stored_offset_goes_before_the_rules_of_today():
    at = datetime(2026, 11, 24, 19, 15, tzinfo=UTC)
    assert write_time(at, "Europe/Vienna", utc_offset=120) == "2026-11-24 21:15 (Europe/Vienna)"
