"""JSON and encoding bombs: a body that is deep, wide, odd or compressed is a cheap 4xx and changes nothing."""

import gzip
import json
import zlib

import pytest

from tests.api.cpu import MOST_SECONDS, cpu_of
from tests.api.wsgi import ask
from tests.factories import all_rows, client_of

JSON = "application/json"
GOOD = '{"tickets": [{"seat": "A1"}]}'
BODIES = {
    "lists 100,000 deep": b"[" * 100_000,
    "closed lists 50,000 deep": b"[" * 50_000 + b"]" * 50_000,
    "objects 40,000 deep": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "20,000 keys": json.dumps({f"k{n}": n for n in range(20_000)}).encode(),
    "100,000 items": b'{"tickets": [' + b"1," * 100_000 + b"1]}",
    "a key of 200 KB": b'{"' + b"k" * 200_000 + b'": 1}',
    "300 KB": b'{"tickets": "' + b"x" * 300_000 + b'"}',
    "NaN": b'{"hold": NaN}',
    "Infinity": b'{"hold": -Infinity}',
    "a number of 5,000 digits": b'{"hold": ' + b"9" * 5000 + b"}",
    "a fraction of 5,000 digits": b'{"hold": 0.' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"hold": 1e999999999}',
    "a lone surrogate": b'{"tickets": [{"seat": "\\ud800"}]}',
    "surrogates in the wrong order": b'{"tickets": [{"seat": "\\udc00\\ud800"}]}',
    "a NUL in a text": b'{"tickets": [{"seat": "A1\\u0000"}]}',
    "a NUL after the body": GOOD.encode() + b"\0",
    "overlong UTF-8": b'{"tickets": [{"seat": "\xc0\xc1"}]}',
    "UTF-8 beyond Unicode": b'{"tickets": [{"seat": "\xf5\x80\x80\x80"}]}',
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16 without a mark": GOOD.encode("utf-16-le"),
    "UTF-32": GOOD.encode("utf-32"),
    "UTF-7": b'+AHs-"tickets": [+AHs-"seat": "A1"}]}',
    "a byte order mark": GOOD.encode("utf-8-sig"),
    "two values": GOOD.encode() + GOOD.encode(),
    "a comment": b"/* */" + GOOD.encode(),
    "a trailing comma": b'{"tickets": [{"seat": "A1"},]}',
    "single quotes": b"{'tickets': [{'seat': 'A1'}]}",
    "a function around it": b"f(" + GOOD.encode() + b")",
    "a hash-flooding width": json.dumps({str(n * (2**61 - 1)): 0 for n in range(8000)}).encode(),
    "YAML": b"tickets: !!python/object/apply:os.system [id]",
    "XML with an entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a pickle": b"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins.",
}


def authorization(user):
    return client_of(user)._credentials["HTTP_AUTHORIZATION"]


@pytest.mark.parametrize("attack", BODIES)
def test_an_odd_body_is_a_cheap_refusal(mallory, show, attack):
    sent = {"HTTP_AUTHORIZATION": authorization(mallory)}
    path = f"/api/v1/shows/{show.pk}/bookings/"
    before = all_rows()
    response, cpu = cpu_of(lambda: ask("POST", path, BODIES[attack], **sent))
    assert response.status_code in {400, 413}
    assert response.headers["Content-Type"] == "application/problem+json"
    assert len(response.content) < 5000
    assert cpu < MOST_SECONDS
    assert all_rows() == before


def test_a_key_given_twice_counts_once_and_what_counts_is_checked(mallory, show):
    path = f"/api/v1/shows/{show.pk}/bookings/"
    body = b'{"tickets": [{"seat": "A1"}], "tickets": [{"seat": "A1", "price": "0"}]}'
    before = all_rows()
    response = ask("POST", path, body, HTTP_AUTHORIZATION=authorization(mallory))
    assert response.status_code == 400
    assert all_rows() == before


COMPRESSED = {
    "gzip": ("gzip", gzip.compress(GOOD.encode())),
    "a gzip bomb": ("gzip", gzip.compress(b" " * 50_000_000, 9)),
    "deflate": ("deflate", zlib.compress(GOOD.encode())),
    "brotli": ("br", b"\x0b\x0e\x80"),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip.compress(GOOD.encode()))),
    "an unknown encoding": ("x-unknown", b"\x80\x81"),
}


@pytest.mark.parametrize("attack", COMPRESSED)
def test_a_compressed_body_is_never_expanded(mallory, show, attack):
    encoding, body = COMPRESSED[attack]
    path = f"/api/v1/shows/{show.pk}/bookings/"
    sent = {"HTTP_AUTHORIZATION": authorization(mallory), "HTTP_CONTENT_ENCODING": encoding}
    before = all_rows()
    response, cpu = cpu_of(lambda: ask("POST", path, body, **sent))
    assert response.status_code in {400, 413, 415}
    assert cpu < MOST_SECONDS
    assert all_rows() == before


TYPES = {
    "a form": ("application/x-www-form-urlencoded", b"tickets=A1"),
    "an upload": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../x.py"\r\n\r\nx\r\n--x--\r\n',
    ),
    "text": ("text/plain", GOOD.encode()),
    "XML": ("application/xml", b"<a/>"),
    "YAML": ("application/yaml", b"a: 1"),
    "JSON in another alphabet": ("application/j\u0455on".encode().decode("latin-1"), GOOD.encode()),
    "JSON with a suffix": ("application/json-patch+json", b"[]"),
    "no type": ("", GOOD.encode()),
}


@pytest.mark.parametrize("attack", TYPES)
def test_a_body_of_another_type_is_a_415(mallory, show, attack):
    content_type, body = TYPES[attack]
    sent = {"HTTP_AUTHORIZATION": authorization(mallory), "CONTENT_TYPE": content_type}
    before = all_rows()
    response = ask("POST", f"/api/v1/shows/{show.pk}/bookings/", body, **sent)
    assert response.status_code == 415
    assert all_rows() == before
