"""What a Node program does that only root may, or may not be able to do as somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.languages.node import NodeProject, RuntimeLoads

PACKAGES = frozenset(
    "@abandonware/bleno @abandonware/noble @serialport/bindings-cpp bleno cap dockerode epoll i2c-bus net-ping noble"
    " node-hid onoff pcap pigpio raw-socket rpi-gpio rpio serialport spi-device usb".split()
)
"""They open devices, raw sockets or the engine's socket, which are root's."""
CHANGES_USER = re.compile(r"\bprocess\.(?:set(?:e?[ug]id|groups)|initgroups)\s?\(")


def may_need_root(project: NodeProject, loads: RuntimeLoads | None) -> Iterator[str]:
    """A sentence for each thing that may fail for another user."""
    if loads is None:
        return
    for name in sorted(loads.packages & PACKAGES):
        yield f"`{name}` may need root"
    for file in loads.files:
        match = CHANGES_USER.search(project.context.read_text(file) or "")
        if match is not None:
            yield f"`{match[0].rstrip('( ')}` may need root ({file})"


def reads_of_root(loads: RuntimeLoads | None) -> str:
    """Why it needs root for sure: a file that nobody else can read."""
    path = next((use.path for use in (loads.reads if loads else ()) if use.path.startswith("/root/")), None)
    return f"the program reads `{path}`, which only root can" if path is not None else ""
