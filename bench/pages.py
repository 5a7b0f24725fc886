"""The pages: what is on, a movie, a cinema, the seats of a show, a checkout, a booking; beside the API's reads.

As a program, `python -m bench.pages`, it adds a cinema of the usual size to the database of the
environment, and prints what is there.
"""

import gzip
import http.client
import json
import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench import dataset, load, workloads
from bench.interleaved_runs import InterleavedRuns
from bench.report_section import Section, cpu, figure, number, table
from bench.session import Session
from tests.server import Server

TITLE = "Pages"
DESCRIPTION = (
    "32 browsers, the same pages over and over, beside the API's reads of the same shows: a cinema of ten"
    " auditoriums, 50 shows a day, 300 seats each, of which a third is taken. Visitors are not logged in; the"
    " checkouts and bookings are their own. Bytes are those of the HTML alone, and compressed as a proxy does."
)
SCREENS, SHOWS_A_DAY, DAYS, MOVIES = 10, 5, 2, 12
EVERY = 3  # one seat of three is taken
HOLDS = 20  # and as many bookings
CSRF = "p" * 32
TOKEN = f"csrftoken={CSRF}"
HEAD = ["", "bytes", "compressed"]
WHATS_ON, SEATS, CHECKOUT, BOOKING = "what's on", "seats of a show", "checkout", "a booking"
PAGES = (WHATS_ON, "a movie", "a cinema", SEATS, CHECKOUT, BOOKING)
API = ("API: shows of a day", "API: seat map", "API: one show")


@dataclass(frozen=True, slots=True)
class Multiplex:
    """A cinema with its shows, as `python -m bench.pages` prints it."""

    cinema: int
    movies: list[int]
    shows: list[int]
    day: str


def run_count(runs: InterleavedRuns) -> int:
    """Return how many runs this benchmark takes."""
    return runs.total(len(PAGES) + len(API))


def run(session: Session) -> Section:
    """Sell a third of the seats, hold some as visitors, then measure all in turn."""
    session.data  # noqa: B018 (the database is filled first)
    place = Multiplex(
        **json.loads(dataset.python(session.url, "-m", "bench.pages").splitlines()[-1])
    )
    with session.serving() as server:
        _sell(server, session, place)
        requests = _requests(server, place)
        measured = session.runs.run(
            {
                name: workloads.reads(server, session.database, some)
                for name, some in requests.items()
            },
            before_measuring=session.before_measuring,
        )
        sizes = [HEAD, *(_sizes(server, name, requests[name][0]) for name in PAGES)]
    section = Section(TITLE, DESCRIPTION, [table(measured), sizes], measured=measured)
    section.figures = {f"{name}: CPU": figure(measured[name], cpu) for name in PAGES}
    section.expect({"s2xx"}, *measured)
    return section


def _sell(server: Server, session: Session, place: Multiplex) -> None:
    taken = dataset.labels()[::EVERY]
    tokens = session.workloads.tokens
    for n, show in enumerate(place.shows):
        _send(server, workloads.booking(show, taken, tokens[n]), {201})


def _requests(server: Server, place: Multiplex) -> dict[str, list[bytes]]:
    held = [_hold(server, place.shows[n], n) for n in range(2 * HOLDS)]
    booked = [(_book(server, *hold, n), hold[1]) for n, hold in enumerate(held[HOLDS:])]
    return {
        WHATS_ON: [page(f"?cinema={place.cinema}&day={place.day}")],
        "a movie": [page(f"movies/{movie}/") for movie in place.movies],
        "a cinema": [page(f"cinemas/{place.cinema}/")],
        SEATS: [page(f"shows/{show}/") for show in place.shows],
        CHECKOUT: [page(*hold, TOKEN) for hold in held[:HOLDS]],
        BOOKING: [page(*booking, TOKEN) for booking in booked],
        "API: shows of a day": [
            load.request("GET", f"shows/?cinema={place.cinema}&date={place.day}&page_size=50")
        ],
        "API: seat map": [load.request("GET", f"shows/{show}/seats/") for show in place.shows],
        "API: one show": [load.request("GET", f"shows/{show}/") for show in place.shows],
    }


def page(path: str, *cookies: str) -> bytes:
    """Return a request of a browser for a page."""
    lines = [f"GET /{path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: en"]
    if cookies:
        lines.append(f"Cookie: {'; '.join(cookies)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _hold(server: Server, show: int, n: int) -> tuple[str, str]:
    """Hold two seats as a visitor by the form of the page; return the path of the checkout, and the cookie."""
    free = [label for n, label in enumerate(dataset.labels()) if n % EVERY]
    fields = [("key", f"bench-{n}"), ("gap", "keep")]
    for label in free[4:6]:
        fields += [("seat", label), (f"type-{label}", "adult")]
    headers = _submit(server, f"shows/{show}/", fields)
    cookies = "\n".join(headers.get_all("Set-Cookie", []))
    (visitor,) = re.findall("^visitor=[^;]+", cookies, re.MULTILINE)
    return _path(headers), visitor


def _book(server: Server, checkout: str, visitor: str, n: int) -> str:
    """Book what is held, as a guest; return the path of the booking."""
    fields = [
        ("name", f"Guest {n}"),
        ("email", f"guest{n}@example.com"),
        ("expected_total", "2500"),
    ]
    headers = _submit(server, checkout, fields, visitor)
    return _path(headers)


def _path(headers: Any) -> str:
    """Return the path that a redirect leads to."""
    return str(urlsplit(headers["Location"]).path).lstrip("/")


def _submit(server: Server, path: str, fields: list[tuple[str, str]], *cookies: str) -> Any:
    """Send a form as a browser does; return the headers of the redirect. Raises RuntimeError."""
    form = urlencode([("csrfmiddlewaretoken", CSRF), *fields])
    lines = [
        f"POST /{path} HTTP/1.1", "Host: 127.0.0.1",
        f"Cookie: {'; '.join([TOKEN, *cookies])}",
        f"Content-Length: {len(form)}", "Content-Type: application/x-www-form-urlencoded",
    ]  # fmt: skip
    headers, _ = _send(server, "\r\n".join([*lines, "", form]).encode(), {302})
    return headers


def _sizes(server: Server, name: str, request: bytes) -> list[str]:
    _, body = _send(server, request, {200})
    return [name, number(len(body), 0), number(len(gzip.compress(body, 6)), 0)]


def _send(server: Server, request: bytes, expected: set[int]) -> tuple[Any, bytes]:
    """Send a request; return the headers and the body of its response. Raises RuntimeError."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.connect()
    connection.sock.sendall(request)
    response = http.client.HTTPResponse(connection.sock)
    response.begin()
    body = response.read()
    connection.close()
    if response.status not in expected:
        raise RuntimeError(f"{request[:80]!r} was answered {response.status}: {body[:300]!r}")
    return response.headers, body


# --- In a process of its own, with Django ---------------------------------------------------------


def add_multiplex() -> dict[str, Any]:
    """Add a cinema with its shows to the database of the environment; return what is there, as `Multiplex`."""
    dataset.set_up()
    from decimal import Decimal  # noqa: PLC0415 (Django is up only now)

    from django.utils import timezone  # noqa: PLC0415

    from marquee.catalog import operations  # noqa: PLC0415

    cinema = operations.add_cinema(
        name="Multiplex", city="Vienna", timezone="Europe/Vienna", currency="EUR",
        address="Parkring 12\n1010 Vienna", accessibility="Step-free. Induction loops in every row.",
    )  # fmt: skip
    prices = [
        operations.PriceLine("standard", type_, Decimal(amount))
        for type_, amount in (("adult", "12.50"), ("child", "9.00"))
    ]
    card = operations.add_price_card(
        cinema=cinema, name="Usual", default_type="adult", prices=prices
    )
    movies = [
        operations.add_movie(
            title=f"The {n + 1}th Feature", runtime_minutes=100, genres=["Drama", f"Genre {n % 5}"],
            synopsis="Two people meet in a cinema, and neither of them watches the movie. " * 3,
        )
        for n in range(MOVIES)
    ]  # fmt: skip
    first = timezone.now().astimezone(cinema.tzinfo).replace(hour=10, minute=0, second=0)
    shows = []
    for screen in range(SCREENS):
        auditorium = operations.add_auditorium(
            cinema=cinema, name=f"Screen {screen + 1}", rows=dataset.ROWS
        )
        for day in range(1, DAYS + 1):
            for slot in range(SHOWS_A_DAY):
                starts_at: datetime = first + timedelta(days=day, minutes=150 * slot)
                movie = movies[(screen + 3 * slot) % MOVIES]
                show = operations.add_show(
                    movie=movie, auditorium=auditorium, price_card=card, starts_at=starts_at
                )
                shows.append((day, show.pk))
    tomorrow = (first + timedelta(days=1)).date().isoformat()
    return {
        "cinema": cinema.pk,
        "movies": [movie.pk for movie in movies],
        "shows": [key for day, key in shows if day == 1],
        "day": tomorrow,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(add_multiplex()))
