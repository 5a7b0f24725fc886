"""`auth/guest/` and `auth/delete/confirm/`: book without a password, and delete what that left."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts import operations
from marquee.accounts.rate_limits import client_networks
from marquee.api import actors
from marquee.api.authentication import request_device
from marquee.api.bodies import uncacheable, validated_data
from marquee.api.docs import guests as docs
from marquee.api.resources.accounts import PublicView
from marquee.api.serializers.accounts import (
    LinkDeletionSerializer,
    UserSerializer,
    serialize_tokens,
)
from marquee.api.serializers.guests import GuestSerializer
from marquee.booking.operations import close_by_link


class CloseByLinkView(PublicView):
    """`auth/delete/confirm/`."""

    @docs.close_by_link
    def post(self, request: Request) -> Response:
        """Close a guest by the link that was mailed to it."""
        fields = validated_data(LinkDeletionSerializer, request)
        close_by_link(token=fields["token"], upcoming=fields.get("bookings"))
        return Response(status=status.HTTP_204_NO_CONTENT)


class GuestView(PublicView):
    """`auth/guest/`."""

    @docs.add_guest
    def post(self, request: Request) -> Response:
        """Begin as a guest, and return its tokens."""
        fields = validated_data(GuestSerializer, request)
        device = request_device(request, fields)
        guest, pair = operations.add_guest(
            **fields,
            networks=client_networks(request.META),
            language=actors.language(request),
            device=device,
        )
        body = {"user": UserSerializer(guest).data} | serialize_tokens(pair)
        return uncacheable(body, status.HTTP_201_CREATED)
