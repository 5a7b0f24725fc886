"""`me/export/`: all of one's own data."""

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts import rate_limits
from marquee.api.bodies import uncacheable
from marquee.api.docs import export as docs
from marquee.api.resources.accounts import current_user
from marquee.api.serializers.export import export
from marquee.api.views import BaseAPIView


class ExportView(BaseAPIView):
    """`me/export/`."""

    permission_classes = [IsAuthenticated]

    @docs.export
    def get(self, request: Request) -> Response:
        """Return the caller's data as a file."""
        user = current_user(request)
        rate_limits.check_profile_limit(user_id=user.pk)
        response = uncacheable(export(user))
        response["Content-Disposition"] = 'attachment; filename="marquee.json"'
        return response
