"""OpenAPI texts and examples of guests."""

from drf_spectacular.utils import OpenApiExample

from marquee.accounts.errors import BadLink, TooManyAttempts
from marquee.api.docs.account_links import TOKEN
from marquee.api.docs.accounts import EMAIL, TAGS, TOKEN_PAIR, USER
from marquee.api.docs.operations import operation
from marquee.api.serializers.accounts import LinkDeletionSerializer, SignedUpSerializer
from marquee.api.serializers.guests import GuestSerializer
from marquee.booking.errors import HasUpcomingBookings

add_guest = operation(
    examples=[
        OpenApiExample("Example", {"email": EMAIL, "name": USER["name"]}, request_only=True),
        OpenApiExample(
            "Example", {"user": USER | {"is_guest": True}} | TOKEN_PAIR, response_only=True
        ),
    ],
    tags=TAGS,
    summary="Book as a guest",
    description=(
        "Returns tokens that book, hold, confirm and cancel, and read these bookings, like those of an "
        "account. No password is needed. Each call begins a new guest: the tokens never open an account "
        "or earlier bookings, and the response is the same whether or not the address is known. Once the "
        "owner of the address signs up and verifies it, the guest's bookings join that account, and "
        "these tokens end. Seat limits count all bookings of an address together."
    ),
    request=GuestSerializer,
    responses={201: SignedUpSerializer},
    refusals=(TooManyAttempts,),
)


close_by_link = operation(
    examples=[
        OpenApiExample("Example", {"token": TOKEN, "bookings": "cancel"}, request_only=True),
        OpenApiExample("Without bookings to come", {"token": TOKEN}, request_only=True),
    ],
    tags=TAGS,
    summary="Delete a guest's data by a mailed link",
    description=(
        "Does for a guest what `me/delete/` does for an account: `me/delete/` has a link mailed, and its "
        "token proves that the guest reads the address. A link works once, within a day."
    ),
    request=LinkDeletionSerializer,
    responses={204: None},
    refusals=(BadLink, HasUpcomingBookings),
)
