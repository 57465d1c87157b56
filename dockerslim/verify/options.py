"""What the person running a verification said of how to build, run and ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What a build and a container may use. Times are seconds."""

    memory: str = "2g"
    cpus: float = 2.0
    processes: int = 1000
    build_seconds: float = 1800.0
    start_seconds: float = 60.0
    """Until a port is open, the health check passes, or the program has ended."""
    answer_seconds: float = 10.0
    body_bytes: int = 2_000_000
    log_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """One request. Without a port it is sent to each port that answers."""

    method: str
    path: str
    body: str = ""
    port: int | None = None
    source: str = ""
    """Where it comes from, for the report: an option, a compose file, a link of a page."""

    @property
    def shown(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.method} {port}{self.path}"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """All options of `verify`; pairs are in the order in which they were given."""

    engine: str = "auto"
    """`auto`, or the command of the engine's client: `docker`, `podman`."""
    builder: str | None = None
    build_arguments: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    ssh: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    environment_files: tuple[Path, ...] = ()
    platform: str | None = None
    target: str | None = None
    probes: tuple[HttpProbe, ...] = ()
    probe_runs: tuple[tuple[str, ...], ...] = ()
    """What follows the image in `docker run`, as words."""
    allow_network: bool = False
    measure: bool = True
    """Time cold builds and rebuilds."""
    reads_images: bool = True
    """Look into the images for their files, packages and compressed size."""
    probe_image: str = "alpine:3"
    """Holds the busybox that asks from beside the program."""
    limits: Limits = Limits()
    log_folder: Path | None = None
    """Where the logs of what failed are kept; the user's own folder where not given."""
