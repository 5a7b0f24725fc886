"""Bodies of requests and responses: validated fields, and responses that no cache may store."""

from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.serializers.strict import StrictSerializer


def validated_data(serializer_class: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the fields of the request body. Raises ValidationError (400)."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    fields: dict[str, Any] = serializer.validated_data
    return fields


def uncacheable(body: dict[str, Any], code: int = status.HTTP_200_OK) -> Response:
    """Return a response that no cache may store, as it holds tokens or personal data."""
    return Response(body, code, headers={"Cache-Control": "no-store"})
