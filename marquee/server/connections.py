"""How many connections a process keeps, how many of them one client, and how much it buffers for slow readers.

granian shows no connection before a request is here. So this looks for sockets among the open files, on Linux.
"""

import asyncio
import os
import resource
import socket
import stat
import struct
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from django.conf import settings

# How many connections each process keeps, and how many wait to be accepted. A connection takes a file,
# two while it is sent one; the rest are the database's, the modules' and the like.
CONNECTIONS, BACKLOG, OTHER_FILES = 4096, 2048, 200
# Linux doubles them. By itself it buffers up to 4 MB for a client that does not read, and 6 MB of what we do not.
SEND_BUFFER = RECEIVE_BUFFER = 64 * 1024
SECONDS_BETWEEN_LOOKS = 1
FILES = Path("/proc/self/fd")
# `tcpi_last_data_recv` of the kernel's `struct tcp_info`.
LAST_DATA_RECEIVED = struct.Struct("=52xI")

Peer = tuple[str, int]  # the address and port of a client, and more of IPv6


def that_fit(files: int) -> int:
    """Return how many connections a process keeps that may open so many files."""
    return min(max((files - OTHER_FILES) // 2, 1), CONNECTIONS)


async def watch() -> None:
    """Limit slow readers from now on, and greedy clients as long as the process runs.

    Once seven eighths of the connections are taken, each client keeps at most a quarter of all. Behind a
    proxy they are the proxy's, which limits its clients itself.
    """
    ports = limit_slow_readers(settings.SLOW_CLIENT_SECONDS)
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = that_fit(files)
    while ports and not settings.TRUSTED_PROXIES:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        if len(_descriptors()) > most * 7 // 8:
            end_connections(ports, beyond=most // 4)


def limit_slow_readers(seconds: int) -> set[int]:
    """Let the kernel buffer little for a client, and end connections whose client takes in nothing for so long.

    Sets it at the sockets that listen, from which those of connections inherit it. Returns their ports.
    """
    ports = set()
    for one in _sockets():
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
            ports.add(one.getsockname()[1])
    return ports


def end_connections(ports: set[int], *, beyond: int) -> None:
    """End connections to these ports of each client that has more than so many: those silent the longest."""
    of_clients: defaultdict[str, list[tuple[int, Peer]]] = defaultdict(list)
    for _, peer, silence in _connections(ports):
        of_clients[_client_at(peer[0])].append((silence, peer))
    excess = {peer for each in of_clients.values() for _, peer in sorted(each)[beyond:]}
    for connection, peer, _ in _connections(ports) if excess else ():
        if peer in excess:
            with suppress(OSError):  # the client is gone
                connection.shutdown(socket.SHUT_RDWR)


def _connections(ports: set[int]) -> Iterator[tuple[socket.socket, Peer, int]]:
    """Yield each connection to these ports, whose it is, and for how many milliseconds that sent nothing."""
    for one in _sockets():
        with suppress(OSError, LookupError):  # it is none of TCP, it listens, or its client is gone
            peer, port = one.getpeername(), one.getsockname()[1]
            info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_DATA_RECEIVED.size)
            if port in ports:
                yield one, peer, LAST_DATA_RECEIVED.unpack(info)[0]


def _client_at(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or of IPv6 the half that a client cannot choose."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or int(ip) >> 64)
    return str(ip)


def _sockets() -> Iterator[socket.socket]:
    """Yield each open socket of this process, which may be closed at any time, under another descriptor."""
    for number in _descriptors():
        with suppress(OSError):
            descriptor = os.dup(number)
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                with socket.socket(fileno=descriptor) as one:
                    yield one
            else:
                os.close(descriptor)


def _descriptors() -> list[int]:
    """Return the numbers of all open files; none where the system does not list them so."""
    return [int(link.name) for link in FILES.iterdir()] if FILES.exists() else []
