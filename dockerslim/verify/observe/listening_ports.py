"""TCP ports that something listens on, by the kernel's own table.

/proc/net/tcp and /proc/net/tcp6 are those of a network namespace, whatever user or process asks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

LISTENING = "0A"

EMBEDDED_DNS = "127.0.0.11"
"""Docker's own name server listens there, in every container of a network that a user made."""

EPHEMERAL = range(32768, 61000)
"""Ports that the kernel picks where a program asks for any: another one on each run."""


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """An address, as in `0.0.0.0` or `::1`, and a port."""

    port: int
    address: str

    @property
    def is_only_inside(self) -> bool:
        """Does it listen on loopback alone, where nothing outside the container reaches it?"""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def is_everywhere(self) -> bool:
        return ipaddress.ip_address(self.address).is_unspecified


def parse_listeners(text: str) -> frozenset[Listener]:
    """The listeners in the text of /proc/net/tcp or tcp6, or of both, one after the other."""
    found = (_listener(line) for line in text.splitlines())
    return frozenset(listener for listener in found if listener is not None and listener.address != EMBEDDED_DNS)


def lasting_ports(listeners: Iterable[Listener], named: frozenset[int] = frozenset()) -> frozenset[int]:
    """The ports that mean something: not those that a program opened for itself at a number the kernel picked.

    `named` are ports that someone wrote down; they count wherever they lie.
    """
    return frozenset(
        listener.port
        for listener in listeners
        if listener.port in named or not (listener.is_only_inside and listener.port in EPHEMERAL)
    )


def _listener(line: str) -> Listener | None:
    """`sl local_address rem_address st …`; an address is hexadecimal, a colon, and the port."""
    fields = line.split()
    if len(fields) < 4 or fields[3] != LISTENING:
        return None
    address, colon, port = fields[1].partition(":")
    try:
        return Listener(int(port, 16), _address(address)) if colon else None
    except ValueError:
        return None


def _address(hexadecimal: str) -> str:
    """The address of words of 32 bits, each in the order of bytes of the machine."""
    words = bytes.fromhex(hexadecimal)
    address = ipaddress.ip_address(b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4)))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
