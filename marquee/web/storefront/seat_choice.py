"""The seats that somebody chose, as the URL or the form says: `seat=C7&seat=C8&type-C8=child`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict

from marquee.booking.records import TicketRequest
from marquee.catalog.queries import PlanSeat
from marquee.catalog.seat_plan_text import normalise_label
from marquee.web.storefront.seat_offer import SeatOffer

MAX_NAMED = 5  # of a thousand seats that are not there, a page names so many
MAX_LABEL_LENGTH = 12


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """The seats chosen, in that order, with the ticket types chosen; and what could not be chosen."""

    seats: Sequence[PlanSeat] = ()
    types: Mapping[str, str] = field(default_factory=dict)  # by the seat's label
    taken: Sequence[str] = ()
    unknown: Sequence[str] = ()
    beyond_limit: Sequence[str] = ()

    @property
    def labels(self) -> list[str]:
        """The labels of the seats."""
        return [seat.label for seat in self.seats]

    @property
    def ids(self) -> set[int]:
        """The ids of the seats."""
        return {seat.id for seat in self.seats}

    @property
    def tickets(self) -> list[TicketRequest]:
        """The tickets to ask for."""
        return [TicketRequest(seat.label, self.types.get(seat.label)) for seat in self.seats]

    def query(self, labels: Sequence[str] | None = None) -> str:
        """Return the choice as the query of a URL; with other labels, those with the same types."""
        labels = self.labels if labels is None else labels
        types = [self.types.get(label) for label in self.labels]
        pairs = [("seat", label) for label in labels]
        pairs += [
            (f"type-{label}", type_)
            for label, type_ in zip(labels, types, strict=False)
            if type_ is not None
        ]
        return urlencode(pairs)


def read_choice(data: QueryDict, offer: SeatOffer, *, keep_taken: bool = False) -> SeatChoice:
    """Return what a query or a form chooses. A page explains what cannot be chosen, and goes on.

    `keep_taken` chooses seats that are taken, too, and more than the limit: for a form, which the
    operation refuses, or finds to have been sent before.
    """
    by_label = offer.plan.by_label
    labels = list(dict.fromkeys(map(normalise_label, data.getlist("seat"))))
    known = [by_label[label] for label in labels if label in by_label]
    free = [seat for seat in known if keep_taken or not offer.is_taken(seat)]
    limit = len(free) if keep_taken else offer.limit
    seats = free[:limit]
    return SeatChoice(
        seats=seats,
        types=dict(_types(data, seats, offer, keep_unknown=keep_taken)),
        taken=[seat.label for seat in known if offer.is_taken(seat) and seat.id not in offer.own],
        unknown=[_shortened(label) for label in labels if label not in by_label][:MAX_NAMED],
        beyond_limit=[seat.label for seat in free[limit:]][:MAX_NAMED],
    )


def _types(
    data: QueryDict, seats: Sequence[PlanSeat], offer: SeatOffer, *, keep_unknown: bool
) -> Iterator[tuple[str, str]]:
    for seat in seats:
        type_ = data.get(f"type-{seat.label}")
        if type_ is not None and (keep_unknown or type_ in offer.types(seat)):
            yield seat.label, type_


def _shortened(label: str) -> str:
    """Return what was typed as a label, short enough for a page, and without control characters."""
    printable = "".join(char if char.isprintable() else "?" for char in label)
    return printable if len(printable) <= MAX_LABEL_LENGTH else f"{printable[:MAX_LABEL_LENGTH]}…"
