"""OpenAPI text of the export of one's own data."""

from drf_spectacular.utils import OpenApiExample

from marquee.accounts.errors import TooManyAttempts
from marquee.api.docs.accounts import TAGS, USER
from marquee.api.docs.bookings import BOOKING_EXAMPLE
from marquee.api.docs.operations import operation
from marquee.api.serializers.export import ExportSerializer

MOMENT = "2031-11-23T13:02:11Z"
EVENT = {"kind": "confirmed", "at": MOMENT, "by": "customer", "reason": ""}
EXAMPLE = OpenApiExample(
    "All of a customer",
    {
        "profile": USER | {"email_verified_at": MOMENT, "last_login": None},
        "sessions": [
            {
                "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
                "time_zone": "Europe/Vienna",
                "created_at": MOMENT,
                "last_seen_at": MOMENT,
            }
        ],
        "second_factors": [],
        "events": [EVENT | {"kind": "signed_up", "email": USER["email"]}],
        "bookings": [
            BOOKING_EXAMPLE.value
            | {
                "sold_starts_at": "2031-11-24T19:15:00Z",
                "language": "de",
                "events": [EVENT],
            }
        ],
        "mails": [{"kind": "booked", "sent_at": MOMENT}],
    },
    response_only=True,
)


export = operation(
    operation_id="me_export",
    tags=TAGS,
    summary="Export my data",
    description=(
        "Returns all that is stored about the caller: profile, logins, history, bookings with tickets, "
        "terms and history, and which mails were sent when. Guests have one, too. Left out are hashes of "
        "secrets, what is computed from the rest, mails to an address that was only asked for, and what a "
        "member of staff did for others."
    ),
    responses=ExportSerializer,
    examples=[EXAMPLE],
    refusals=(TooManyAttempts,),
)
