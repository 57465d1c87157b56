"""What an image says of how it is to be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ImageConfiguration:
    """The configuration of a built image, as the engine tells it. `size` is on disk, in bytes."""

    id: str
    size: int
    layers: tuple[str, ...]
    """The digests of the unpacked layers (diff ids), the lowest first."""
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    working_folder: str = "/"
    ports: frozenset[str] = frozenset()
    """As in `8080/tcp`."""
    volumes: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    """Without those that a verification puts on what it makes."""
    stop_signal: str = ""
    stop_seconds: int | None = None
    healthcheck: tuple[str, ...] = ()
    """The test with its times, in words that can be compared; empty where there is none."""
