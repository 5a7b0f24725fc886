"""The invented cinemas of the demo: their auditoriums and prices, and how they are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from marquee.catalog import operations
from marquee.catalog.models import Auditorium, Cinema, PriceCard, SeatPlan
from marquee.catalog.queries import newest_plans
from marquee.catalog.states import SeatCategory
from marquee.demo.movies import IMAX, IMAX_3D, SEVENTY_MM, THREE_D, MovieGroup

FAMILY, CURRENT, WORLD, CLASSIC = (
    MovieGroup.FAMILY,
    MovieGroup.CURRENT,
    MovieGroup.WORLD,
    MovieGroup.CLASSIC,
)

# A ticket's price as a share of the cinema's price: by seat category, ticket type and time of day.
CATEGORIES = {
    SeatCategory.STANDARD: Decimal(1),
    SeatCategory.PREMIUM: Decimal("1.2"),
    SeatCategory.RECLINER: Decimal("1.45"),
}
TYPES = {
    "adult": Decimal(1),
    "child": Decimal("0.65"),
    "senior": Decimal("0.8"),
    "student": Decimal("0.85"),
    "carer": Decimal(0),
}
MATINEE, EVENING = "Matinée", "Evening"
CARDS = {MATINEE: Decimal("0.75"), EVENING: Decimal(1)}


@dataclass(frozen=True, slots=True)
class DemoAuditorium:
    """An auditorium: its plan as text, its formats besides 2D, and which movies it shows when."""

    name: str
    rows: tuple[str, ...]
    afternoon: tuple[MovieGroup, ...]
    evening: tuple[MovieGroup, ...]
    formats: frozenset[str] = frozenset()
    turnaround_minutes: int = 15


@dataclass(frozen=True)
class DemoCinema:
    """A cinema. `price` is an adult's in the evening, and all prices are multiples of `step`.

    Movies in other languages have subtitles in the cinema's language. Movies for families are dubbed.
    In a cinema that `dubs`, about half the shows of current movies are dubbed, too.
    """

    number: int
    name: str
    city: str
    timezone: str
    currency: str
    price: Decimal
    step: Decimal
    language: str
    auditoriums: tuple[DemoAuditorium, ...]
    address: str = ""
    accessibility: str = ""
    dubs: bool = False

    @cached_property
    def zone(self) -> ZoneInfo:
        """The cinema's time zone."""
        return ZoneInfo(self.timezone)

    def prices(self, card: str) -> Iterator[operations.PriceLine]:
        """Yield the lines of a price card, each rounded down to a multiple of the step."""
        for category, comfort in CATEGORIES.items():
            for type_, share in TYPES.items():
                steps = self.price * CARDS[card] * comfort * share // self.step
                yield operations.PriceLine(category, type_, steps * self.step)


@dataclass(frozen=True, slots=True)
class StoredCinema:
    """A cinema's rows: its auditoriums with their newest plans, in the order of the demo."""

    cinema: Cinema
    auditoriums: list[Auditorium]
    plans: list[SeatPlan]
    cards: dict[str, PriceCard]


def get_or_add_cinema(demo: DemoCinema) -> StoredCinema:
    """Return the stored cinema. Missing rows are added; existing rows stay."""
    cinema = Cinema.objects.filter(name=demo.name, city=demo.city).first()
    cinema = cinema or operations.add_cinema(
        name=demo.name,
        city=demo.city,
        timezone=demo.timezone,
        currency=demo.currency,
        address=demo.address,
        accessibility=demo.accessibility,
    )
    auditoriums = [_get_or_add_auditorium(cinema, auditorium) for auditorium in demo.auditoriums]
    plans = newest_plans(auditorium.pk for auditorium in auditoriums)
    cards = {name: _get_or_add_card(cinema, demo, name) for name in CARDS}
    return StoredCinema(
        cinema, auditoriums, [plans[auditorium.pk] for auditorium in auditoriums], cards
    )


def _get_or_add_auditorium(cinema: Cinema, demo: DemoAuditorium) -> Auditorium:
    return cinema.auditoriums.filter(name=demo.name).first() or operations.add_auditorium(
        cinema=cinema,
        name=demo.name,
        rows=demo.rows,
        turnaround_minutes=demo.turnaround_minutes,
    )


def _get_or_add_card(cinema: Cinema, demo: DemoCinema, name: str) -> PriceCard:
    return cinema.price_cards.filter(name=name).first() or operations.add_price_card(
        cinema=cinema, name=name, default_type="adult", prices=list(demo.prices(name))
    )


# The plans, seen from above with the screen at the top. As in many cinemas, there is no row I.
GRAND = (
    "A: ______ssssssssssss______",
    "B: ___ss_ssssssssssss_ss___",
    "C: __sss_ssssssssssss_sss__",
    "D: _ssss_ssssssssssss_ssss_",
    "E: sssss_ssssssssssss_sssss",
    "F: sssss_ssssssssssss_sssss",
    "G: wc____ssssssssssss____cw",
    "H: sssss_pppppppppppp_sssss",
    "J: sssss_pppppppppppp_sssss",
    "K: sssss_pppppppppppp_sssss",
    "L: sssss_pppppppppppp_sssss",
    "M: sssss_pppppppppppp_sssss",
    "N: sssss_ssssssssssss_sssss",
    "O: sssss_ssssssssssss_sssss",
    "P: _rrrr_rrrrrrrrrrrr_rrrr_",
)
SMALL = (
    "A: wc__ssssss__cw",
    "B: ___ssssssss___",
    "C: __ssssssssss__",
    "D: __ssssssssss__",
    "E: __ssssssssss__",
    "F: __ssssssssss__",
    "G: __pppppppppp__",
    "H: __pppppppppp__",
    "J: __pppppppppp__",
)
STUDIO = (
    "A: wc_ssss__",
    "B: ss_ssssss",
    "C: ss_ssssss",
    "D: ss_ssssss",
    "E: pp_pppppp",
    "F: pp_pppppp",
)
GIANT = (
    "A: ________ssssssssssss________",
    "B: ___sss_ssssssssssssss_sss___",
    "C: __ssss_ssssssssssssss_ssss__",
    "D: _sssss_ssssssssssssss_sssss_",
    "E: ssssss_ssssssssssssss_ssssss",
    "F: ssssss_pppppppppppppp_ssssss",
    "G: ssssss_pppppppppppppp_ssssss",
    "H: ssssss_pppppppppppppp_ssssss",
    "J: wcwc___pppppppppppppp___cwcw",
    "K: ssssss_pppppppppppppp_ssssss",
    "L: ssssss_pppppppppppppp_ssssss",
    "M: __rrrr_rrrrrrrrrrrrrr_rrrr__",
)
TWO_BLOCKS = (
    "A: __ssssss_ssssss__",
    "B: _sssssss_sssssss_",
    "C: ssssssss_ssssssss",
    "D: wc_sssss_sssss_cw",
    "E: sspppppp_ppppppss",
    "F: sspppppp_ppppppss",
    "G: sspppppp_ppppppss",
    "H: ssssssss_ssssssss",
    "J: ssssssss_ssssssss",
    "K: ssssssss_ssssssss",
)
LOUNGE = (
    "A: ___rr_rr___",
    "B: rr_rr_rr_rr",
    "C: rr_rr_rr_rr",
    "D: rr_rr_rr_rr",
    "E: wc_rr_rr_cw",
    "F: rr_rr_rr_rr",
)
BROAD = (
    "A: _____ssssssssssssss_____",
    "B: __ss_ssssssssssssss_ss__",
    "C: _sss_ssssssssssssss_sss_",
    "D: ssss_ssssssssssssss_ssss",
    "E: ssss_ssssssssssssss_ssss",
    "F: ssss_ssssssssssssss_ssss",
    "G: wcwc_pppppppppppppp_cwcw",
    "H: ssss_pppppppppppppp_ssss",
    "J: ssss_pppppppppppppp_ssss",
    "K: ssss_pppppppppppppp_ssss",
    "L: ssss_ssssssssssssss_ssss",
    "M: rrrr_rrrrrrrrrrrrrr_rrrr",
)
MIDDLING = (
    "A: ____ssssssss____",
    "B: _ss_ssssssss_ss_",
    "C: sss_ssssssss_sss",
    "D: wc__ssssssss__cw",
    "E: sss_pppppppp_sss",
    "F: sss_pppppppp_sss",
    "G: sss_pppppppp_sss",
    "H: sss_ssssssss_sss",
    "J: sss_ssssssss_sss",
)
SNUG = (
    "A: _ssssss_",
    "B: ssssssss",
    "C: wc_ss_cw",
    "D: pppppppp",
    "E: pppppppp",
    "F: rr_rr_rr",
)

DEMO_CINEMAS = (
    DemoCinema(
        0, "Nordlicht Lichtspiele", "Vienna", "Europe/Vienna", "EUR", Decimal("13.50"),
        Decimal("0.50"), "de",
        (
            DemoAuditorium(
                "Großer Saal", GRAND, (FAMILY, CURRENT), (CURRENT, CLASSIC),
                frozenset({THREE_D, SEVENTY_MM}), turnaround_minutes=20,
            ),
            DemoAuditorium("Kleiner Saal", SMALL, (FAMILY, WORLD), (CURRENT, WORLD)),
            DemoAuditorium("Studio", STUDIO, (WORLD, CLASSIC), (WORLD, CLASSIC), turnaround_minutes=10),
        ),
        address="Polarsterngasse 7\n1070 Wien",
        accessibility="No steps from the street to the foyer. A lift leads to all auditoriums; the"
        " toilet for wheelchair users is on the first floor.\nInduction loops in the Großer Saal and"
        " the Kleiner Saal. Assistance dogs are welcome.",
        dubs=True,
    ),
    DemoCinema(
        1, "The Halcyon", "London", "Europe/London", "GBP", Decimal("14.50"),
        Decimal("0.50"), "en",
        (
            DemoAuditorium(
                "Screen 1", GIANT, (FAMILY, CURRENT), (CURRENT,),
                frozenset({THREE_D, IMAX, IMAX_3D}), turnaround_minutes=25,
            ),
            DemoAuditorium(
                "Screen 2", TWO_BLOCKS, (FAMILY, CURRENT), (CURRENT, WORLD), frozenset({THREE_D})
            ),
            DemoAuditorium("The Lounge", LOUNGE, (WORLD, CLASSIC), (WORLD, CLASSIC), turnaround_minutes=20),
        ),
        address="14 Kingfisher Lane\nLondon SE1 0HX",
        accessibility="A ramp beside the entrance, and lifts to all screens. Accessible toilets on"
        " every floor.\nHeadsets for amplified sound and audio description at the box office: ask for"
        " one before the show.",
    ),
    DemoCinema(
        2, "Hoshizora Cinema", "Tokyo", "Asia/Tokyo", "JPY", Decimal(2000),
        Decimal(100), "ja",
        (
            DemoAuditorium(
                "Screen 1", BROAD, (FAMILY, CURRENT), (CURRENT,),
                frozenset({THREE_D, IMAX, IMAX_3D}), turnaround_minutes=25,
            ),
            DemoAuditorium("Screen 2", MIDDLING, (FAMILY, WORLD), (CURRENT, WORLD), frozenset({THREE_D})),
            DemoAuditorium("Screen 3", SNUG, (WORLD, CLASSIC), (WORLD, CLASSIC), turnaround_minutes=10),
        ),
        address="5-8-2 Hoshimi-cho\nTaito-ku, Tokyo 111-0000",
        accessibility="The cinema is on the ground floor; nothing has a step. Accessible toilets are"
        " beside Screen 1.\nStaff at the entrance guide you to your seat if you like.",
    ),
)  # fmt: skip
