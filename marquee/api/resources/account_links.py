"""The links of accounts' mails: ask for one, and use it."""

from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts import operations
from marquee.accounts.rate_limits import client_networks
from marquee.api import actors
from marquee.api.bodies import validated_data
from marquee.api.docs import account_links as docs
from marquee.api.resources.accounts import PublicView, current_user
from marquee.api.serializers.accounts import (
    LinkSerializer,
    ResetRequestSerializer,
    ResetSerializer,
)
from marquee.api.serializers.strict import StrictSerializer
from marquee.api.views import BaseAPIView
from marquee.booking import operations as booking


class VerifyEmailView(PublicView):
    """`auth/verify-email/`."""

    @docs.verify_email
    def post(self, request: Request) -> Response:
        """Verify the address that a link was mailed to."""
        booking.verify_email(**validated_data(LinkSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AskForVerificationView(BaseAPIView):
    """`me/verify-email/`."""

    permission_classes = [IsAuthenticated]

    @docs.ask_for_verification
    def post(self, request: Request) -> Response:
        """Have the link that verifies the caller's address mailed again."""
        validated_data(StrictSerializer, request)
        operations.ask_for_verification(
            user=current_user(request),
            networks=client_networks(request.META),
            language=actors.language(request),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


class AskForResetView(PublicView):
    """`auth/password-reset/`."""

    @docs.ask_for_reset
    def post(self, request: Request) -> Response:
        """Have a link that sets a new password mailed, if an account has the address."""
        fields = validated_data(ResetRequestSerializer, request)
        operations.ask_for_reset(
            **fields,
            networks=client_networks(request.META),
            language=actors.language(request),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


class ResetPasswordView(PublicView):
    """`auth/password-reset/confirm/`."""

    @docs.reset_password
    def post(self, request: Request) -> Response:
        """Set a new password by a link."""
        fields = validated_data(ResetSerializer, request)
        booking.reset_password(**fields, language=actors.language(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmEmailChangeView(PublicView):
    """`auth/change-email/confirm/`."""

    @docs.confirm_email_change
    def post(self, request: Request) -> Response:
        """Make the pending address the account's own by a link that was mailed there."""
        fields = validated_data(LinkSerializer, request)
        booking.confirm_email_change(**fields, language=actors.language(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
