"""What one run of an image showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.options import HttpProbe


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request.

    `status` is 0 where no HTTP answer came; `body` then says what did. `varies` is True where the same container gave
    another body (after normalising) to the same request asked twice.
    """

    probe: HttpProbe
    port: int
    status: int
    content_type: str = ""
    location: str = ""
    body: bytes = b""
    varies: bool = False


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command that ran to its end; `exit_code` is None where it did not end in time or could not be started."""

    command: tuple[str, ...]
    """What followed the image; empty for the image's own command."""
    exit_code: int | None
    output: str
    """Standard output and standard error."""
    failure: str = ""
    """What the engine said where the command could not be started."""


State = Literal["serving", "running", "exited", "not started"]
"""*serving*: a port is open; *running*: it runs and opens none; *not started*: the engine could not start it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One candidate's image, run and asked."""

    configuration: ImageConfiguration
    state: State
    own_run: CommandRun
    """The image's own command; `exit_code` is None while it runs."""
    ports: frozenset[int] = frozenset()
    """TCP ports that something listened on, in the container."""
    inner_ports: frozenset[int] = frozenset()
    """Those of them that are open on loopback alone: nothing outside the container reaches them."""
    answers: tuple[Answer, ...] = ()
    health: str = ""
    """`healthy`, `unhealthy`, `starting`; empty without a health check."""
    runs: tuple[CommandRun, ...] = ()
    """Of `--probe-run`."""
    written: Mapping[str, str] = field(default_factory=dict)
    """Absolute paths that differ from the image after the run, volumes included: `A` added, `C` changed, `D` gone."""
    uid: int | None = None
    """Of the main process while it ran; None where it can't be told."""
    stopped_by_itself: bool = False
    """It served or ran, and had ended when all was asked."""
    out_of_memory: bool = False
    start_seconds: float = 0.0
