"""What is asked of an engine: a build, a container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """A build of `context` by `dockerfile`, an ignore file of its own beside it (`<name>.dockerignore`)."""

    context: Path
    dockerfile: Path
    tag: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    ssh: str | None = None
    platform: str | None = None
    target: str | None = None
    cache: bool = True


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """A volume, made beforehand, at an absolute path of the container."""

    volume: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ContainerRequest:
    """A container to create. `command` follows the image; empty: the image's own."""

    image: str
    command: tuple[str, ...] = ()
    entrypoint: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    environment_files: tuple[Path, ...] = ()
    network: str = "none"
    """`none`, a network's name, or `container:ID` to share that container's."""
    hostname: str | None = None
    mounts: tuple[VolumeMount, ...] = ()
    user: str | None = None
    working_folder: str | None = None
    health_command: str | None = None
    """Replaces the test of the image's health check."""
    health_interval: float | None = None
    """Seconds between two health checks, in place of the image's own; None leaves them."""
    has_health_check: bool = True
    """False switches the image's health check off."""
    platform: str | None = None
    is_limited: bool = True
    """Under the limits of memory, CPU and processes."""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """`exit_code` is None while it runs or where it was never started."""

    running: bool
    exit_code: int | None
    health: str = ""
    out_of_memory: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Executed:
    """A command run inside a running container; `output` is its standard output."""

    exit_code: int
    output: bytes
    error: str
