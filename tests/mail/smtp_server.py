"""A mail server that behaves as a test wants it to: `aiosmtpd`, with a script for each command."""

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.server import free_port

OK = "250 OK"


class Handler:
    """Keep what arrives. `rcpt` and `data` are replies, or functions that return them."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.rcpt: Any = OK
        self.data: Any = "250 Taken"
        self.sessions = 0

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: Any, responses: Any
    ) -> Any:
        session.host_name = hostname
        self.sessions += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: Any, options: Any
    ) -> str:
        reply = await _resolve(self.rcpt, address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)
        mail["X-Peer-TLS"] = "yes" if session.ssl else "no"
        reply = await _resolve(self.data, mail)
        if reply.startswith("2"):
            self.mails.append(mail)
        if reply == "LOST":
            self.mails.append(mail)
            server.transport.abort()
            await asyncio.sleep(3600)
        return reply


async def _resolve(script: Any, about: Any) -> str:
    """Return the reply: fixed, the next of a list, or what a function returns, in a thread."""
    if isinstance(script, list):
        return str(script.pop(0) if len(script) > 1 else script[0])
    if callable(script):
        return str(await asyncio.to_thread(script, about))
    return str(script)


@contextmanager
def mail_server(**options: Any) -> Iterator[Controller]:
    """Run a mail server on a free port; its `handler` has the mails and the scripts."""
    controller = Controller(
        Handler(), hostname="127.0.0.1", port=free_port(), ready_timeout=30, **options
    )
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that talks as a function wants, once for each connection; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connections.append(server.accept()[0])
                except OSError:
                    return
                threading.Thread(target=_talk, args=(talk, connections[-1]), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        connection.close()


def _talk(talk: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with suppress(OSError):
        talk(connection)


def tls_context(directory: Path) -> ssl.SSLContext:
    """Return the context of a server with a certificate that it signed itself."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
            "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
