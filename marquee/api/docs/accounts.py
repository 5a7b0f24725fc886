"""OpenAPI texts and examples of accounts: sign up, log in, one's own profile."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from marquee.accounts.errors import (
    BadCredentials,
    EmailTaken,
    GuestAccount,
    LastSuperuser,
    PasswordRequired,
    SecondFactorRequired,
    TooManyAttempts,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
from marquee.api.docs.operations import operation
from marquee.api.serializers.accounts import (
    AccountDeletionSerializer,
    LogInSerializer,
    PasswordChangeSerializer,
    ProfileSerializer,
    RefreshSerializer,
    SignedUpSerializer,
    SignUpSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from marquee.booking.errors import HasUpcomingBookings
from marquee.core.errors import Busy

TAGS = ["accounts"]
EMAIL, PASSWORD = "alice@example.com", "correct horse battery"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoi.c2lnbmF0dXJl"
TIME_ZONE = "Europe/Vienna"
TOKEN_PAIR = {"access": JWT, "refresh": JWT}
USER = {
    "id": 7,
    "email": EMAIL,
    "email_verified": True,
    "pending_email": None,
    "name": "Alice Liddell",
    "language": "en",
    "is_guest": False,
    "is_staff": False,
    "roles": [],
    "created_at": "2031-11-24T20:15:00Z",
}


def example_request(**value: Any) -> OpenApiExample:
    """Return an example of a request body."""
    return OpenApiExample("Example", value=value, request_only=True)


def _response(**value: Any) -> OpenApiExample:
    return OpenApiExample("Example", value=value, response_only=True)


signup = operation(
    examples=[
        example_request(email=EMAIL, password=PASSWORD, name=USER["name"], time_zone=TIME_ZONE),
        _response(user=USER, **TOKEN_PAIR),
    ],
    tags=TAGS,
    summary="Open an account",
    description=(
        "Opens an account and logs in. The email address is the login name, in upper or lower case. Its "
        "mails are in the first language of `Accept-Language` that there is, until `PATCH me/` says "
        "otherwise."
    ),
    request=SignUpSerializer,
    responses={201: SignedUpSerializer},
    refusals=(
        Busy,
        EmailTaken,
        WeakPassword,
        TooManyAttempts,
    ),
)


login = operation(
    examples=[
        example_request(email=EMAIL, password=PASSWORD),
        OpenApiExample(
            "From a browser",
            {"email": EMAIL, "password": PASSWORD, "time_zone": TIME_ZONE},
            request_only=True,
        ),
        OpenApiExample(
            "With a second factor",
            {"email": EMAIL, "password": PASSWORD, "code": "492039"},
            request_only=True,
        ),
        _response(**TOKEN_PAIR),
    ],
    tags=TAGS,
    summary="Log in",
    description=(
        "Returns a pair of tokens. The response never reveals whether an email address has an account. With "
        "the right password of an account with a second factor it needs `code`, too: 403 without one. "
        "Passkeys work on the website alone: an account that has no other factor adds an authenticator app there, or "
        "sends a recovery code."
    ),
    request=LogInSerializer,
    responses=TokenPairSerializer,
    refusals=(
        Busy,
        BadCredentials,
        SecondFactorRequired,
        WrongCode,
        TooManyAttempts,
    ),
)


refresh = operation(
    examples=[example_request(refresh=JWT), _response(**TOKEN_PAIR)],
    tags=TAGS,
    summary="Get the next pair of tokens",
    description=(
        "A refresh token is used up by the next pair. Within ten seconds the same request gets the"
        " same pair again, as long as that pair's refresh token is unused: two requests may run at the"
        " same time, and a response may be lost. A later second use means that the token was stolen or"
        " leaked: then all tokens of the same login are revoked."
    ),
    request=RefreshSerializer,
    responses=TokenPairSerializer,
    refusals=(
        BadCredentials,
        TooManyAttempts,
    ),
)


logout = operation(
    examples=[example_request(refresh=JWT)],
    tags=TAGS,
    summary="Log out",
    description=(
        "Revokes all refresh tokens of the same login. An access token that was already issued"
        " expires within minutes. Logging out twice changes nothing."
    ),
    request=RefreshSerializer,
    responses={204: None},
    refusals=(BadCredentials,),
)


read_profile = operation(
    examples=[_response(**USER)],
    tags=TAGS,
    summary="Read my profile",
    description="Returns the profile of the access token's user.",
    responses=UserSerializer,
)


change_profile = operation(
    examples=[
        example_request(name=USER["name"], language="de"),
        OpenApiExample(
            "Another email address",
            {"email": "liddell@example.com", "password": PASSWORD},
            request_only=True,
        ),
        _response(**USER),
    ],
    tags=TAGS,
    summary="Change my profile",
    description=(
        "Changes the name, asks for another email address, or both. Another address needs the "
        "`password`. It is `pending_email` until the link that is mailed there is used, and the response "
        "is the same whether or not another account has it. Sending the present address drops a pending "
        "one, and so does a new password."
    ),
    request=ProfileSerializer,
    responses=UserSerializer,
    refusals=(
        Busy,
        PasswordRequired,
        WrongPassword,
        GuestAccount,
        TooManyAttempts,
    ),
)


delete = operation(
    examples=[
        example_request(password=PASSWORD, bookings="cancel"),
        OpenApiExample("Without bookings to come", {"password": PASSWORD}, request_only=True),
    ],
    tags=TAGS,
    summary="Delete my account",
    description=(
        "Deletes the name and the email address for good, and revokes all tokens at once. Holds are "
        "cancelled. If there are confirmed bookings for shows that have not ended, `bookings` must say "
        "what becomes of them: `cancel` those that may still be cancelled, or `keep` all. Nobody can read "
        "or cancel kept bookings by API any more; their tickets stay valid, and so do the links in their "
        "mails. Mail about their shows still goes to the address, which is erased the day after the last "
        "of them. The email address can be used to sign up again: once it is verified, kept bookings join "
        "the new account. The only superuser cannot be deleted. A guest sends no password, and gets a "
        "mail with a link for `auth/delete/confirm/`: 202."
    ),
    request=AccountDeletionSerializer,
    responses={204: None, 202: OpenApiResponse(description="A guest is sent a link.")},
    refusals=(
        GuestAccount,
        PasswordRequired,
        Busy,
        WrongPassword,
        TooManyAttempts,
        HasUpcomingBookings,
        LastSuperuser,
    ),
)


change_password = operation(
    examples=[
        example_request(old_password=PASSWORD, new_password=PASSWORD + " staple"),
        _response(**TOKEN_PAIR),
    ],
    tags=TAGS,
    summary="Change my password",
    description=("Revokes all tokens issued so far, on every device, and returns a new pair."),
    request=PasswordChangeSerializer,
    responses=TokenPairSerializer,
    refusals=(
        Busy,
        GuestAccount,
        WrongPassword,
        WeakPassword,
        TooManyAttempts,
    ),
)
