"""Reading the kernel's table of sockets."""

from __future__ import annotations

import pytest

from dockerslim.verify.observe.listening_ports import Listener, lasting_ports, parse_listeners

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(local: str, state: str = "0A") -> str:
    return f"   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0\n"


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("00000000:1F90", Listener(8080, "0.0.0.0")),
        ("0100007F:0050", Listener(80, "127.0.0.1")),
        ("020012AC:0050", Listener(80, "172.18.0.2")),
        ("00000000000000000000000000000000:0BB8", Listener(3000, "::")),
        ("00000000000000000000000001000000:0BB8", Listener(3000, "::1")),
        ("0000000000000000FFFF00000100007F:0BB8", Listener(3000, "127.0.0.1")),
    ],
)
def test_a_listener(local: str, expected: Listener) -> None:
    assert parse_listeners(HEADER + row(local)) == {expected}


def test_who_reaches_it() -> None:
    assert Listener(80, "::1").is_only_inside
    assert Listener(80, "127.0.0.1").is_only_inside
    assert not Listener(80, "172.18.0.2").is_only_inside
    assert Listener(80, "::").is_everywhere


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        row("00000000:1F90", "01"),
        row("0B00007F:A1B2"),
        row("00000000"),
        row("xx:yy"),
        row("0000:1F90"),
        "0A 0A 0A 0A 0A",
    ],
)
def test_nothing_listens(text: str) -> None:
    assert parse_listeners(text) == frozenset()


def test_ports_that_the_kernel_picked() -> None:
    listeners = parse_listeners(row("0100007F:9C40") + row("0100007F:2328") + row("00000000:C383"))
    assert lasting_ports(listeners) == {9000, 50051}
    assert lasting_ports(listeners, frozenset({40000})) == {9000, 50051, 40000}
