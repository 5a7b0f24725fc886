"""OpenAPI texts of what the server answers before Django sees a request (marquee/server/bodies.py).

Any operation may get them, so they are components of the schema that all operations refer to.
"""

from marquee.api.docs.problems import DETAILS, Schema, component, component_name, one_of
from marquee.api.exceptions import CONTENT_TYPE, TITLES, problem_details

# The component of each status.
STATUSES = {"408": "TooSlow", "431": "HeadersTooLarge", "501": "UnknownCoding"}
SCHEMAS: Schema = {component_name("too_slow"): component("too_slow", TITLES[408][1], DETAILS[408])}


def _response(status: int) -> Schema:
    code, title = TITLES[status]
    example = {"value": problem_details(status, code, title, DETAILS[status])}
    media = {"schema": one_of([code]), "examples": {code: example}}
    return {"description": f"`{code}`: {DETAILS[status]}", "content": {CONTENT_TYPE: media}}


RESPONSES: Schema = {
    "TooSlow": _response(408),
    "HeadersTooLarge": {
        "description": "The request line and the headers are at most 16 KB. The response has no body."
    },
    "UnknownCoding": _response(501),
}
