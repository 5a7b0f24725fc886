"""`me/sessions/`: where the caller is logged in, and logging out everywhere else."""

from collections.abc import Collection
from typing import Any

from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts import login_sessions, operations
from marquee.accounts.models import LoginSession
from marquee.api import actors
from marquee.api.authentication import request_device, session_of
from marquee.api.bodies import uncacheable
from marquee.api.docs import sessions as docs
from marquee.api.pagination import CursorPagination
from marquee.api.serializers.accounts import serialize_tokens
from marquee.api.serializers.sessions import LoginSessionSerializer, serialize_login
from marquee.api.serializers.strict import require_empty_body
from marquee.api.views import APIViewMixin, BaseAPIView


class LoginListView(APIViewMixin, ListAPIView[LoginSession]):
    """`me/sessions/`."""

    permission_classes = [IsAuthenticated]
    serializer_class = LoginSessionSerializer
    queryset = LoginSession.objects.none()  # for the schema

    def query_parameters(self, request: Request) -> Collection[str]:
        """Return the query parameters: those of pages."""
        return CursorPagination.parameters

    @docs.list_logins
    def get(self, request: Request) -> Response:
        """Return a page of the caller's logins."""
        user: Any = request.user
        logins = self.paginate_queryset(login_sessions.live(user)) or []
        current = session_of(request)
        return self.get_paginated_response(
            [serialize_login(login, current=current) for login in logins]
        )


class LogOutOthersView(BaseAPIView):
    """`me/sessions/log-out-others/`."""

    permission_classes = [IsAuthenticated]

    @docs.log_out_others
    def post(self, request: Request) -> Response:
        """End the caller's other logins, and return a new pair of tokens."""
        require_empty_body(request.data)
        user: Any = request.user
        pair = operations.log_out_others(
            user=user,
            session=session_of(request),
            device=request_device(request),
            language=actors.language(request),
        )
        return uncacheable(serialize_tokens(pair))
