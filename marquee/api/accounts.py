"""Accounts over HTTP: sign up, log in, refresh, log out, and one's own profile."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts import operations, rate_limits, tokens
from marquee.accounts.errors import (
    BadCredentials,
    EmailTaken,
    LastSuperuser,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from marquee.accounts.models import User, normalise_email
from marquee.accounts.tokens import TokenPair
from marquee.api.auth import LoggedIn
from marquee.api.schema import refuses
from marquee.api.serializers import ModelShape, Shape
from marquee.api.views import View
from marquee.booking.operations import close_account

TAGS = ["accounts"]
# Long enough for any sentence; hashing a longer one would only be work.
PASSWORD_LENGTH = 1000
EMAIL, PASSWORD = "alice@example.com", "correct horse battery"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoi.c2lnbmF0dXJl"
PAIR = {"access": JWT, "refresh": JWT}
USER = {
    "id": 7,
    "email": EMAIL,
    "name": "Alice Liddell",
    "is_staff": False,
    "created_at": "2026-11-24T20:15:00Z",
}


def example(**value: Any) -> Any:
    """Give a shape the example that the documentation shows."""
    return extend_schema_serializer(examples=[OpenApiExample("Example", value=value)])


class Email(serializers.EmailField):
    """An address, checked as it will be stored: lower case can be longer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address in lower case."""
        return normalise_email(super().to_internal_value(data))


class Password(serializers.CharField):
    """A password: every character counts, spaces too, and it is never shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=PASSWORD_LENGTH, trim_whitespace=False, write_only=True, **options
        )


@example(email=EMAIL, password=PASSWORD, name=USER["name"])
class SignUpShape(Shape):
    """Who wants an account."""

    email = Email()
    password = Password(help_text="At least 8 characters, no common word, not your own name.")
    name = serializers.CharField(max_length=150)


@example(email=EMAIL, password=PASSWORD)
class LogInShape(Shape):
    """Who wants in."""

    email = Email()
    password = Password()


@example(refresh=JWT)
class RefreshShape(Shape):
    """A refresh token, to be spent or given up."""

    refresh = serializers.CharField(max_length=tokens.MAX_TOKEN_LENGTH)


@example(**PAIR)
class PairShape(Shape):
    """`access` goes into `Authorization: Bearer` and lives for minutes; `refresh` gets the next."""

    access = serializers.CharField()
    refresh = serializers.CharField()


@example(**USER)
class UserShape(ModelShape):
    """A profile."""

    class Meta:
        model = User
        fields = read_only_fields = ["id", "email", "name", "is_staff", "created_at"]


@example(name=USER["name"])
class ProfileShape(Shape):
    """What to change of a profile; what is left out stays."""

    email = Email(required=False)
    name = serializers.CharField(max_length=150, required=False)


@example(user=USER, **PAIR)
class SignedUpShape(PairShape):
    """A new profile, logged in."""

    user = UserShape()


@example(old_password=PASSWORD, new_password=PASSWORD + " staple")
class PasswordShape(Shape):
    """A new password, and the old one as proof."""

    old_password = Password()
    new_password = Password()


class PublicView(View):
    """What people do to get a token: nobody needs one for it."""

    authentication_classes = []
    permission_classes = []


class SignUp(PublicView):
    """`auth/signup/`."""

    @extend_schema(
        tags=TAGS,
        summary="Open an account",
        description="Opens an account and logs in to it. The address is the login, in any case.",
        request=SignUpShape,
        responses={201: SignedUpShape},
    )
    @refuses(EmailTaken, WeakPassword, TooManyAttempts)
    def post(self, request: Request) -> Response:
        """Sign up."""
        fields = _read(SignUpShape, request)
        user, pair = operations.sign_up(
            **fields, networks=rate_limits.client_networks(request.META)
        )
        return _secret({"user": UserShape(user).data} | _pair(pair), status.HTTP_201_CREATED)


class LogIn(PublicView):
    """`auth/login/`."""

    @extend_schema(
        tags=TAGS,
        summary="Log in",
        description="Returns a pair of tokens. The answer never tells whether an address is known.",
        request=LogInShape,
        responses=PairShape,
    )
    @refuses(BadCredentials, TooManyAttempts)
    def post(self, request: Request) -> Response:
        """Log in."""
        fields = _read(LogInShape, request)
        pair = operations.log_in(**fields, networks=rate_limits.client_networks(request.META))
        return _secret(_pair(pair))


class Refresh(PublicView):
    """`auth/refresh/`."""

    @extend_schema(
        tags=TAGS,
        summary="Get the next pair of tokens",
        description=(
            "A refresh token works once. Of several uses at the same time one succeeds, and the"
            " others get 401. One that is used again later was stolen or leaked: then every token"
            " that descends from the same login is revoked."
        ),
        request=RefreshShape,
        responses=PairShape,
    )
    @refuses(BadCredentials, TooManyAttempts)
    def post(self, request: Request) -> Response:
        """Refresh."""
        token = _read(RefreshShape, request)["refresh"]
        pair = operations.refresh(token=token, networks=rate_limits.client_networks(request.META))
        return _secret(_pair(pair))


class LogOut(PublicView):
    """`auth/logout/`."""

    @extend_schema(
        tags=TAGS,
        summary="Log out",
        description=(
            "Revokes the refresh token and all that descend from the same login; an access token"
            " already handed out ends within minutes. Logging out twice changes nothing."
        ),
        request=RefreshShape,
        responses={204: None},
    )
    @refuses(BadCredentials)
    def post(self, request: Request) -> Response:
        """Log out."""
        operations.log_out(token=_read(RefreshShape, request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class Me(View):
    """`me/`."""

    permission_classes = [LoggedIn]

    @extend_schema(
        tags=TAGS,
        summary="Read my profile",
        description="Returns who the access token belongs to.",
        responses=UserShape,
    )
    def get(self, request: Request) -> Response:
        """Read."""
        return Response(UserShape(request.user).data)

    @extend_schema(
        tags=TAGS,
        summary="Change my profile",
        description="Changes the name, the address, or both. A new address is the login at once.",
        request=ProfileShape,
        responses=UserShape,
    )
    @refuses(EmailTaken, TooManyAttempts)
    def patch(self, request: Request) -> Response:
        """Change."""
        user = operations.change_profile(
            user=_me(request),
            networks=rate_limits.client_networks(request.META),
            **_read(ProfileShape, request),
        )
        return Response(UserShape(user).data)

    @extend_schema(
        tags=TAGS,
        summary="Delete my account",
        description=(
            "Forgets the name and the address for good, and revokes every token at once. Holds and"
            " bookings that may still be cancelled are cancelled; others stay, without a name. The"
            " address is free to sign up anew. The only superuser stays."
        ),
        request=None,
        responses={204: None},
    )
    @refuses(LastSuperuser)
    def delete(self, request: Request) -> Response:
        """Delete."""
        close_account(user=_me(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MyPassword(View):
    """`me/password/`."""

    permission_classes = [LoggedIn]

    @extend_schema(
        tags=TAGS,
        summary="Change my password",
        description=(
            "Revokes every token handed out so far, at once and everywhere, and returns a fresh"
            " pair to go on with."
        ),
        request=PasswordShape,
        responses=PairShape,
    )
    @refuses(WrongPassword, WeakPassword, TooManyAttempts)
    def post(self, request: Request) -> Response:
        """Change it."""
        fields = _read(PasswordShape, request)
        pair = operations.change_password(
            user=_me(request),
            old=fields["old_password"],
            new=fields["new_password"],
            networks=rate_limits.client_networks(request.META),
        )
        return _secret(_pair(pair))


def _me(request: Request) -> User:
    return cast("User", request.user)  # LoggedIn lets nobody else in


def _read(shape: type[Shape], request: Request) -> dict[str, Any]:
    """Return the fields of a body. Raises ValidationError, which is a 400."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    fields: dict[str, Any] = body.validated_data
    return fields


def _pair(pair: TokenPair) -> dict[str, str]:
    return {"access": pair.access, "refresh": pair.refresh}


def _secret(body: dict[str, Any], code: int = status.HTTP_200_OK) -> Response:
    """Return an answer that no cache may keep."""
    return Response(body, code, headers={"Cache-Control": "no-store"})
