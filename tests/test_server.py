"""The launcher of servers: a port that it finds stays free until a server listens there."""

import socket

import pytest

from tests.server import HOST, free_port


def test_no_client_gets_a_free_port_before_its_server_does():
    port = free_port()
    with socket.socket() as client, pytest.raises(OSError, match="in use"):
        client.bind((HOST, port))  # as a client would that asks for any
    with socket.create_server((HOST, port)), socket.create_connection((HOST, port)):
        pass
