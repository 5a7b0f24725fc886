"""Every operation of the schema, called with valid and with invalid requests.

Schemathesis makes the requests: no response may be a 5xx, or one that the schema does not have.
`make fuzz` makes many more requests, from another seed, and checks that no invalid one is accepted.
"""

import os

import pytest
import requests
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import book_seats, client_of, make_show, make_staff

SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FUZZ_CASES = int(os.environ.get("FUZZ_CASES", "0"))
if FUZZ_CASES:
    CHECKS.append(negative_data_rejection)


@pytest.fixture
def headers(db):
    """Return staff's token, with a show and a booking: nothing is forbidden."""
    staff = make_staff()
    book_seats(staff, make_show(), "A1", hold=True)
    token = client_of(staff)._credentials["HTTP_AUTHORIZATION"]
    return {"Authorization": token}


def answer_to(request):
    """Return Django's response as Schemathesis expects it, without a server."""
    body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    content_type = request.headers.get("Content-Type", "application/json")
    response = Client(raise_request_exception=False).generic(
        request.method, request.path_url, body, content_type, headers=dict(request.headers)
    )
    return schemathesis.Response(
        status_code=response.status_code,
        headers={name.lower(): [value] for name, value in response.items()},
        content=response.content,
        request=request,
        elapsed=0,
        verify=False,
    )


@SCHEMA.parametrize()
@settings(
    max_examples=FUZZ_CASES or 4,
    phases=[Phase.explicit, Phase.generate],
    derandomize=not FUZZ_CASES,
    suppress_health_check=list(HealthCheck),
)
def test_every_response_conforms_to_the_schema(case, headers):
    sent = case.as_transport_kwargs(base_url="http://localhost", headers=headers)
    request = requests.Request(**sent).prepare()
    case.validate_response(answer_to(request), checks=CHECKS)
