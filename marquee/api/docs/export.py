"""OpenAPI text of the export of one's own data."""

from marquee.accounts.errors import TooManyAttempts
from marquee.api.docs.accounts import TAGS
from marquee.api.docs.operations import operation
from marquee.api.serializers.export import ExportSerializer

export = operation(
    operation_id="me_export",
    tags=TAGS,
    summary="Export my data",
    description=(
        "Returns all that is stored about the caller: profile, logins, history, bookings with tickets, "
        "terms and history, and which mails were sent when. Guests have one, too. Left out are hashes of "
        "secrets, what is computed from the rest, and what a member of staff did for others."
    ),
    responses=ExportSerializer,
    refusals=(TooManyAttempts,),
)
