"""Requests hidden in other requests, sent to the server as it is started: one response, and no second."""

import pytest

from tests.test_hostile_server import CLOSE, LOG_IN, NOWHERE, exchange, port, server

__all__ = ["port", "server"]
pytestmark = pytest.mark.both_engines

POST = b"POST " + LOG_IN + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
GET = b"GET " + NOWHERE + b" HTTP/1.1\r\nHost: localhost\r\n"
HIDDEN = b"GET /api/v1/smuggled/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
CHUNKED, LENGTH = b"Transfer-Encoding: chunked\r\n", b"Content-Length: 2\r\n"
SMUGGLED = {
    "CL.TE": POST + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "TE.CL": POST + CHUNKED + LENGTH + b"\r\n2\r\n{}\r\n0\r\n\r\n",
    "TE.TE": POST + CHUNKED + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n{}",
    "an unknown encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked is not the last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a blank before the colon": POST + b"Transfer-Encoding : chunked\r\n" + LENGTH + b"\r\n{}",
    "a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n" + LENGTH + b"\r\n{}",
    "a folded line": POST + LENGTH + b"Transfer-Encoding:\r\n chunked\r\n\r\n{}",
    "a list of lengths": POST + b"Content-Length: 2, 3\r\n\r\n{}",
    "two lengths": POST + LENGTH + b"Content-Length: 3\r\n\r\n{}",
    "a length below zero": POST + b"Content-Length: -2\r\n\r\n{}",
    "a length in hexadecimal": POST + b"Content-Length: 0x2\r\n\r\n{}",
    "a length beyond 64 bits": POST + b"Content-Length: 18446744073709551618\r\n\r\n{}",
    "a chunk below zero": POST + CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n",
    "a chunk beyond 64 bits": POST + CHUNKED + b"\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk with 0x": POST + CHUNKED + b"\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a line in a chunk's extension": POST + CHUNKED + b'\r\n2;a="\r\nb"\r\n{}\r\n0\r\n\r\n',
    "a lone carriage return": POST + b"X: a\rTransfer-Encoding: chunked\r\n" + LENGTH + b"\r\n{}",
    "a NUL in a name": POST + b"X\0: a\r\n" + LENGTH + b"\r\n{}",
    "HTTP/1.0 in chunks": POST.replace(b"1.1", b"1.0") + CHUNKED + LENGTH + b"\r\n{}",
    "a body of a GET": GET + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN),
    "no host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": POST + b"Host: evil.example\r\nConnection: close\r\n" + LENGTH + b"\r\n{}",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "chunked with a comma before": POST + b"Transfer-Encoding: ,chunked\r\n" + LENGTH + b"\r\n{}",
    "chunked with a comma behind": POST + b"Transfer-Encoding: chunked,\r\n" + LENGTH + b"\r\n{}",
    "chunked twice in a line": POST
    + b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked in quotes": POST + b'Transfer-Encoding: "chunked"\r\n' + LENGTH + b"\r\n{}",
    "an empty encoding": POST + b"Transfer-Encoding:\r\n" + LENGTH + b"\r\n{}",
    "an empty length": POST + b"Content-Length:\r\n\r\n{}",
    "a list of one length": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a blank": POST + b"Content-Length: 2 2\r\n\r\n{}",
    "a length with an underscore": POST + b"Content-Length: 0_2\r\n\r\n{}",
    "a length as a float": POST + b"Content-Length: 2.0\r\n\r\n{}",
    "a chunk that ends early": POST + CHUNKED + b"\r\n1\r\n{}\r\n0\r\n\r\n",
    "chunks with bare line feeds": POST + CHUNKED + b"\r\n2\n{}\n0\n\n",
    "a line feed in a chunk's extension": POST + CHUNKED + b"\r\n2;a\n{}\r\n0\r\n\r\n",
    "kilobytes of a chunk's extension": POST
    + CHUNKED
    + b"\r\n2;"
    + b"a" * 20_000
    + b"\r\n{}\r\n0\r\n\r\n",
    "a length among the trailers": POST
    + CHUNKED
    + b"\r\n2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n",
    "a NUL in a value": POST + b"X: a\0b\r\n" + LENGTH + b"\r\n{}",
    "a folded host": b"GET / HTTP/1.1\r\nHost:\r\n localhost\r\n\r\n",
    "the first bytes of TLS": b"\x16\x03\x01\0\xc8\x01\0\0\xc4\x03\x03" + b"\x11" * 200,
    "the PROXY protocol": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
    "HTTP/3 in text": b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("attack", SMUGGLED)
def test_a_smuggled_request_is_not_answered(port, attack):
    response = exchange(port, SMUGGLED[attack] + HIDDEN)
    assert response.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501"))
    assert response.count(b"HTTP/1.1 ") == 1
    assert b"smuggled" not in response
    assert b"evil" not in response
    if b"content-length: 0" not in response:  # hyper itself answers without a body
        assert b"content-security-policy: default-src 'none'" in response.lower()


def test_another_host_in_the_request_line_is_not_believed(port):
    line = b"GET http://evil.example" + NOWHERE + b" HTTP/1.1\r\n" + CLOSE + b"\r\n"
    assert b"evil" not in exchange(port, line)
