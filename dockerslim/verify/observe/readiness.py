"""Waiting until a program has come up, or has ended.

Nobody tells when that is. An open port tells it, a health check does, and of a program that has neither the silence.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dockerslim.verify.engine.container_requests import ContainerState
from dockerslim.verify.observe.observation import State

PAUSE = 0.2
"""Seconds between two looks."""

SETTLED = 0.5
"""Seconds for which the open ports must stay the same."""

HOPE = 3.0
"""Seconds, from the first open port, for which those are waited for that are only said to be opened."""

LATE, LATE_FACTOR = 10.0, 5.0
"""Seconds, and how many times as long as in the other image, from the first open port, until another one that was open
there counts as closed."""

QUIET_AFTER = 10.0
SILENCE = 5.0
"""Seconds: a program that nothing says to open a port is running once it has printed nothing for so long."""

OUTPUT_PAUSE = 1.0
"""Seconds between two looks at the output."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known before the start."""

    said: frozenset[int] = frozenset()
    """Ports that the image or a person names."""
    ports: frozenset[int] = frozenset()
    """Ports that the same program opened in another image: all are waited for."""
    state: State | None = None
    """How the same program fared in another image."""
    seconds: float = 0.0
    """Until it had come up there."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How a program came up. `state` is `exited` where it has ended."""

    state: Literal["serving", "running", "exited"]
    ports: frozenset[int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """The ways to look at a container that has been started."""

    state: Callable[[], ContainerState]
    ports: Callable[[], frozenset[int]]
    output: Callable[[], str]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def wait_until_ready(watch: Watch, expectation: Expectation, limit: float) -> Readiness:
    """Look again and again, for at most `limit` seconds."""
    start = watch.clock()
    ports: frozenset[int] = frozenset()
    opened = changed = spoke = looked = 0.0
    output = ""
    while True:
        state = watch.state()
        now = watch.clock() - start
        if not state.running:
            return Readiness("exited", ports, now)
        found = watch.ports()
        if found != ports:
            opened, changed = (opened if ports else now), now
            ports = found
        if not ports and now - looked >= OUTPUT_PAUSE:
            looked, text = now, watch.output()
            if text != output:
                output, spoke = text, now
        is_checked = state.health != "starting"
        if ports and is_checked and now - changed >= SETTLED and _are_enough(ports, expectation, now - opened):
            return Readiness("serving", ports, now)
        is_quiet = now >= QUIET_AFTER and now - spoke >= SILENCE
        if not ports and is_checked and _may_open_none(expectation) and (is_quiet or state.health == "healthy"):
            return Readiness("running", ports, now)
        if now >= limit:
            return Readiness("serving" if ports else "running", ports, now)
        watch.sleep(PAUSE)


def wait_until_ended(watch: Watch, limit: float) -> ContainerState:
    """The state when the program has ended, or after `limit` seconds."""
    start = watch.clock()
    state = watch.state()
    while state.running and watch.clock() - start < limit:
        watch.sleep(PAUSE)
        state = watch.state()
    return state


def _are_enough(ports: frozenset[int], expectation: Expectation, open_for: float) -> bool:
    if expectation.ports:
        patience = max(LATE, LATE_FACTOR * expectation.seconds)
        return expectation.ports <= ports or open_for >= patience
    return expectation.said <= ports or open_for >= HOPE


def _may_open_none(expectation: Expectation) -> bool:
    """Is it of no use to wait for a port, or for the end?"""
    if expectation.state in ("serving", "exited"):
        return False
    return expectation.state == "running" or not expectation.said
