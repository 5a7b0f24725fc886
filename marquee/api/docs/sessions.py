"""OpenAPI texts and examples of logins."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from marquee.accounts.errors import TooManyAttempts
from marquee.api.docs.accounts import TAGS, TIME_ZONE, TOKEN_PAIR
from marquee.api.docs.operations import operation
from marquee.api.serializers.accounts import TokenPairSerializer


def _response(**value: Any) -> OpenApiExample:
    return OpenApiExample("Example", value=value, response_only=True)


list_logins = operation(
    operation_id="login_list",
    examples=[
        _response(
            id="0f8fad5b-d9cb-469f-a165-70867728950e",
            device="Firefox on Linux",
            time_zone=TIME_ZONE,
            created_at="2031-11-24T20:15:00Z",
            last_seen_at="2031-11-25T08:00:00Z",
            current=True,
        )
    ],
    tags=TAGS,
    summary="List my logins",
    description=(
        "Lists where you are logged in, the last used first: by tokens, and in browsers on the pages. "
        "`last_seen_at` is the last refresh, or the last page within five minutes. A login that has ended "
        "is not listed. `device` and `time_zone` are what the client said, which may be made up."
    ),
)


log_out_others = operation(
    examples=[_response(**TOKEN_PAIR)],
    tags=TAGS,
    summary="Log out everywhere else",
    description=(
        "Ends all your logins at once, by tokens and in browsers, and returns a new pair of tokens for "
        "this one. Whoever has the password can log in again: if somebody else knows it, change it."
    ),
    request=None,
    responses=TokenPairSerializer,
    refusals=(TooManyAttempts,),
)
