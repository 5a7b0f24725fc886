"""`auth/` and `me/`: sign up, log in, refresh, log out, and one's own profile."""

from typing import Any, cast

import orjson
from django.http import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts import operations
from marquee.accounts.models import User
from marquee.accounts.rate_limits import client_networks
from marquee.api import actors
from marquee.api.authentication import request_device, session_of
from marquee.api.bodies import uncacheable, validated_data
from marquee.api.caching import CachedResponse
from marquee.api.conditional import check_etag, has_precondition
from marquee.api.docs import accounts as docs
from marquee.api.serializers.accounts import (
    AccountDeletionSerializer,
    LogInSerializer,
    PasswordChangeSerializer,
    ProfileSerializer,
    RefreshSerializer,
    SignUpSerializer,
    UserSerializer,
    serialize_tokens,
)
from marquee.api.views import BaseAPIView
from marquee.booking.operations import close_own_account


class PublicView(BaseAPIView):
    """The base of views that give out tokens, and therefore need none."""

    authentication_classes = []
    permission_classes = []


class SignUpView(PublicView):
    """`auth/signup/`."""

    @docs.signup
    def post(self, request: Request) -> Response:
        """Open an account, and log in to it."""
        fields = validated_data(SignUpSerializer, request)
        device = request_device(request, fields)
        user, pair = operations.sign_up(
            **fields,
            networks=client_networks(request.META),
            language=actors.language(request),
            device=device,
        )
        body = {"user": UserSerializer(user).data} | serialize_tokens(pair)
        return uncacheable(body, status.HTTP_201_CREATED)


class LogInView(PublicView):
    """`auth/login/`."""

    @docs.login
    def post(self, request: Request) -> Response:
        """Return a pair of tokens for an email address and a password."""
        fields = validated_data(LogInSerializer, request)
        device = request_device(request, fields)
        pair = operations.log_in(**fields, networks=client_networks(request.META), device=device)
        return uncacheable(serialize_tokens(pair))


class RefreshView(PublicView):
    """`auth/refresh/`."""

    @docs.refresh
    def post(self, request: Request) -> Response:
        """Spend a refresh token, and return the next pair."""
        token = validated_data(RefreshSerializer, request)["refresh"]
        pair = operations.refresh(
            token=token, networks=client_networks(request.META), device=request_device(request)
        )
        return uncacheable(serialize_tokens(pair))


class LogOutView(PublicView):
    """`auth/logout/`."""

    @docs.logout
    def post(self, request: Request) -> Response:
        """Revoke a refresh token and its descendants."""
        operations.log_out(token=validated_data(RefreshSerializer, request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProfileView(BaseAPIView):
    """`me/`."""

    permission_classes = [IsAuthenticated]
    etag_actions = frozenset({"get", "patch"})
    if_match_actions = frozenset({"patch"})

    @docs.read_profile
    def get(self, request: Request) -> HttpResponseBase:
        """Return the caller's profile."""
        return _profile(current_user(request)).respond(request)

    @docs.change_profile
    def patch(self, request: Request) -> HttpResponseBase:
        """Change the caller's profile, and return it."""

        def check(now: User) -> None:
            check_etag(request, _profile(now).etag)

        user = operations.change_profile(
            user=current_user(request),
            networks=client_networks(request.META),
            check=check if has_precondition(request) else None,
            request_language=actors.language(request),
            **validated_data(ProfileSerializer, request),
        )
        return _profile(user).written(status.HTTP_200_OK, {})

    def http_method_not_allowed(self, request: Any, *arguments: Any, **named: Any) -> Response:
        """Refuse with 405. For DELETE, name what deletes an account."""
        if request.method == "DELETE":
            raise MethodNotAllowed("DELETE", "An account is deleted by `POST me/delete/`.")
        return super().http_method_not_allowed(request, *arguments, **named)


class AccountDeletionView(BaseAPIView):
    """`me/delete/`."""

    permission_classes = [IsAuthenticated]

    @docs.delete
    def post(self, request: Request) -> Response:
        """Close the caller's account, or have the link mailed that closes a guest's."""
        fields = validated_data(AccountDeletionSerializer, request)
        is_closed = close_own_account(
            user=current_user(request),
            password=fields.get("password"),
            networks=client_networks(request.META),
            upcoming=fields.get("bookings"),
            actor=actors.customer(request),
            language=actors.language(request),
        )
        code = status.HTTP_204_NO_CONTENT if is_closed else status.HTTP_202_ACCEPTED
        return Response(status=code)


class PasswordView(BaseAPIView):
    """`me/password/`."""

    permission_classes = [IsAuthenticated]

    @docs.change_password
    def post(self, request: Request) -> Response:
        """Change the caller's password, and return a new pair of tokens."""
        fields = validated_data(PasswordChangeSerializer, request)
        pair = operations.change_password(
            user=current_user(request),
            old=fields["old_password"],
            new=fields["new_password"],
            networks=client_networks(request.META),
            session=session_of(request),
            device=request_device(request),
            language=actors.language(request),
        )
        return uncacheable(serialize_tokens(pair))


def _profile(user: User) -> CachedResponse:
    """Return a profile as JSON, with its ETag."""
    return CachedResponse.private(orjson.dumps(UserSerializer(user).data))


def current_user(request: Request) -> User:
    """Return the caller of a view that needs a token."""
    return cast("User", request.user)  # IsAuthenticated admits nobody else
