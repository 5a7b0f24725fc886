"""What pages say to search engines: JSON-LD of schema.org.

It is a data block, which no browser runs, so the Content Security Policy allows it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.utils.safestring import SafeString

from marquee.booking.sales_states import SalesState
from marquee.catalog.queries import MovieListItem, MovieText
from marquee.core.zones import isoformat_in
from marquee.web.storefront.listings import LiveShow
from marquee.web.storefront.show_stubs import poster_path, show_path

CONTEXT = "https://schema.org"
# As Django's `json_script` does: no text ends the block, or begins a comment.
_ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})
AVAILABILITY = {
    SalesState.ON_SALE: "InStock",
    SalesState.WHEELCHAIRS_ONLY: "LimitedAvailability",
    SalesState.SOLD_OUT: "SoldOut",
    SalesState.NOT_OPEN: "PreOrder",
}


def json_ld(data: Sequence[Mapping[str, Any]]) -> SafeString:
    """Return things as a block for a page's head, escaped."""
    text = orjson.dumps({"@context": CONTEXT, "@graph": data}).decode().translate(_ESCAPES)
    return SafeString(f'<script type="application/ld+json">{text}</script>')


def movie_data(
    movie: MovieListItem, text: MovieText, genres: Sequence[str], *, origin: str
) -> dict[str, Any]:
    """Return a `Movie`. `origin` is that of the site: `https://tickets.example`."""
    data = {
        "@type": "Movie",
        "name": text.title,
        "url": f"{origin}/movies/{movie.id}/",
        "image": origin + poster_path(movie.id),
        "duration": f"PT{movie.runtime_minutes}M",
        "description": text.synopsis,
        "genre": list(genres),
        "contentRating": movie.certificate,
        "inLanguage": movie.original_language,
        "datePublished": movie.release_date and movie.release_date.isoformat(),
    }
    return _without_blanks(data)


def screening_event(
    show: LiveShow, *, title: str, origin: str, address: str = ""
) -> dict[str, Any]:
    """Return a show as a `ScreeningEvent`, with the movie's title in the page's language."""
    record = show.item.record
    place = {"@type": "PostalAddress", "streetAddress": address, "addressLocality": record.city}
    is_off = show.state == SalesState.CALLED_OFF
    data = {
        "@type": "ScreeningEvent",
        "name": title,
        # The page of seats is `noindex`, and the event is on the movie's.
        "url": f"{origin}/movies/{record.movie_id}/",
        "image": origin + poster_path(record.movie_id),
        "startDate": isoformat_in(record.starts_at, record.timezone),
        "endDate": isoformat_in(record.ends_at, record.timezone),
        "eventStatus": f"{CONTEXT}/{'EventCancelled' if is_off else 'EventScheduled'}",
        "eventAttendanceMode": f"{CONTEXT}/OfflineEventAttendanceMode",
        "location": {
            "@type": "MovieTheater",
            "name": record.cinema,
            "address": _without_blanks(place),
        },
        "workPresented": {"@type": "Movie", "name": title},
        "videoFormat": record.format,
        "inLanguage": record.language,
        "subtitleLanguage": record.subtitles.partition(" ")[0],
        "offers": _offer(show, origin),
    }
    return _without_blanks(data)


def _offer(show: LiveShow, origin: str) -> dict[str, Any] | None:
    """Return the cheapest ticket; None for a show that has no tickets any more."""
    availability = AVAILABILITY.get(show.state)
    if availability is None:
        return None
    opens = show.item.record.sales_from
    return _without_blanks(
        {
            "@type": "Offer",
            "url": origin + show_path(show.item.record.id),
            "price": show.price_from.amount,
            "priceCurrency": show.price_from.currency,
            "availability": f"{CONTEXT}/{availability}",
            "validFrom": opens and isoformat_in(opens, show.item.record.timezone),
        }
    )


def _without_blanks(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", None, [])}
