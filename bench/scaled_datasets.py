"""Databases of different sizes: the demo's chain of cinemas, made ready for the same requests.

As a program, `python -m bench.scaled_datasets KEY …`, it prints tokens of the customers with these keys: those
of the chain have no passwords.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from urllib.request import urlopen

from bench import dataset, workloads
from bench.reads import sell
from bench.session import Session, execute, rows
from bench.workloads import RequestQueue
from tests.server import Server

CUSTOMERS = 300
FOR_READS = 50  # shows whose seat maps are read
TAKEN = 2 / 3  # of their seats
AUDITORIUMS, FOR_BOOKINGS = 100, 2_000  # auditoriums and shows at most that are booked
TICKETS = 100  # the API takes so many at once

USUAL_SEAT_COUNT = """
    SELECT seats_total FROM show JOIN seat_plan ON seat_plan.id = show.seat_plan_id
    WHERE sales_until > now() + interval '2 hours' AND seats_total BETWEEN 100 AND 400
    GROUP BY seats_total ORDER BY count(*) DESC, seats_total LIMIT 1
"""
# Shows in auditoriums of one size, with the labels of their free seats. Wheelchair spaces and their
# companions' seats are left out: a customer may book only so many.
EMPTIEST = """
    SELECT show.id, array_agg(seat.label ORDER BY seat.y, seat.x) FROM show
    JOIN seat_plan ON seat_plan.id = show.seat_plan_id JOIN seat ON seat.plan_id = seat_plan.id
    WHERE seats_total = %s AND sales_until > now() + interval '2 hours'
        AND seat.kind = 'standard' AND NOT EXISTS (
        SELECT FROM seat_claim AS claim WHERE claim.show_id = show.id AND claim.seat_id = seat.id)
    GROUP BY show.id HAVING count(*) >= %s ORDER BY md5(show.id::text) LIMIT %s
"""
# Shows of a page of them, with the labels of their free seats, and how many seats they have. In the
# evening the first shows of tomorrow have begun in the east, and sell no more.
OF_A_PAGE = """
    SELECT show.id, array_agg(seat.label ORDER BY seat.y, seat.x)
        FILTER (WHERE claim.seat_id IS NULL AND seat.kind = 'standard'),
        count(*)
    FROM show JOIN seat ON seat.plan_id = show.seat_plan_id
    LEFT JOIN seat_claim AS claim ON claim.show_id = show.id AND claim.seat_id = seat.id
    WHERE show.id = ANY(%s) AND sales_until > now() + interval '10 minutes'
    GROUP BY show.id ORDER BY show.id
"""
# Auditoriums few enough for every process to have met each before it is measured.
FREE = """
    WITH on_sale AS (
        SELECT id, seat_plan_id, auditorium_id FROM show
        WHERE sales_until > now() + interval '2 hours' AND state = 'scheduled' AND id <> ALL(%s)
    ), auditoriums AS (
        SELECT auditorium_id FROM on_sale GROUP BY auditorium_id
        ORDER BY md5(auditorium_id::text) LIMIT %s
    ), chosen AS (
        SELECT * FROM on_sale JOIN auditoriums USING (auditorium_id) ORDER BY md5(id::text) LIMIT %s
    )
    SELECT chosen.id, seat.label, auditorium_id
    FROM chosen JOIN seat ON seat.plan_id = chosen.seat_plan_id
    WHERE seat.kind = 'standard' AND NOT EXISTS (
        SELECT FROM seat_claim AS claim WHERE claim.show_id = chosen.id AND claim.seat_id = seat.id)
"""
BUSIEST = "SELECT user_id FROM booking GROUP BY user_id ORDER BY count(*) DESC, user_id LIMIT %s"
# That of the show in the middle: the first and the last day may be short ones.
A_DAY = """
    SELECT (percentile_disc(0.5) WITHIN GROUP (ORDER BY starts_at))::date FROM show
"""


@dataclass(slots=True)
class ScaledDataset:
    """A database of one size: what is read, who reads, and the seats that are left to sell."""

    shows: list[int]
    day: date
    tokens: list[str]
    seats: RequestQueue


def load(session: Session, shows: int, bookings: int) -> str:
    """Make a database with so many shows and bookings; return its URL."""
    url = session.another(f"chain_{shows}_{bookings}")
    dataset.python(url, "manage.py", "migrate", "--verbosity=0")
    size = [f"--shows={shows}", f"--bookings={bookings}"]
    dataset.python(url, "manage.py", "load_demo", "--scale=large", *size)
    return url


def usual_seat_count(url: str) -> int:
    """Return how many seats the auditoriums have in which most shows are. Raises RuntimeError."""
    found = rows(url, USUAL_SEAT_COUNT)
    if not found:
        raise RuntimeError("There is no show tomorrow or later to measure.")
    return int(found[0][0])


def prepared(session: Session, url: str, server: Server, seat_count: int) -> ScaledDataset:
    """Fill the shows to be read up to the same number of taken seats, and count what is left."""
    left = round(seat_count * (1 - TAKEN))
    emptiest = rows(url, EMPTIEST, seat_count, left, FOR_READS)
    shows = [int(show) for show, _ in emptiest]
    day = rows(url, A_DAY)[0][0]
    listed = [show for show in _listed(server, day) if show not in shows]
    tokens = _tokens(url)
    to_fill = [(show, free, left) for show, free in emptiest] + [
        (show, free or [], round(seats * (1 - TAKEN)))
        for show, free, seats in rows(url, OF_A_PAGE, listed)
    ]
    fillers = list(_fillers(to_fill, tokens))
    if fillers:
        sell(server, session, fillers)
    free = rows(url, FREE, [*shows, *listed], AUDITORIUMS, FOR_BOOKINGS)
    workloads.warm_up(
        server, [*shows, *{auditorium: show for show, _, auditorium in free}.values()]
    )
    execute(url, "VACUUM ANALYZE")
    Random(session.seed).shuffle(free)
    return ScaledDataset(shows, day, tokens, _seats(free, tokens))


def _listed(server: Server, day: date) -> list[int]:
    """Return the shows of the page that is read again and again."""
    with urlopen(f"{server.address}/api/v1/shows/?date={day}") as answer:
        return [show["id"] for show in json.load(answer)["results"]]


def _fillers(to_fill: list[tuple[int, list[str], int]], tokens: list[str]) -> Iterator[bytes]:
    """Yield bookings of all but so many of the free seats of these shows."""
    for n, (show, free, left) in enumerate(to_fill):
        options = free[: max(0, len(free) - left)]
        for first in range(0, len(options), TICKETS):
            seats = options[first : first + TICKETS]
            yield workloads.booking(show, seats, tokens[n % len(tokens)])


def _seats(free: list[tuple[int, str, int]], tokens: list[str]) -> RequestQueue:
    def request(n: int) -> bytes:
        show, seat, _ = free[n]
        return workloads.booking(show, [seat], tokens[n % len(tokens)])

    return RequestQueue(request, len(free))


def _tokens(url: str) -> list[str]:
    """Return tokens of those who have most bookings."""
    keys = [str(key) for (key,) in rows(url, BUSIEST, CUSTOMERS)]
    found: list[str] = json.loads(
        dataset.python(url, "-m", "bench.scaled_datasets", *keys).splitlines()[-1]
    )
    return found


def make_tokens(keys: list[int]) -> list[str]:
    """Return tokens of these customers of the environment's database."""
    dataset.set_up()
    from marquee.accounts.models import User  # noqa: PLC0415 (Django is up only now)

    return [dataset.token(user) for user in User.objects.filter(pk__in=keys)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make_tokens([int(key) for key in sys.argv[1:]])))
