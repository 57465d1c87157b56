"""Builds by Podman, which takes most of buildx' options but not its namespace for cache mounts.

It keeps cache mounts in its temporary folder, so that one of the run's own stands for the namespace; and it keeps the
steps of a build as images, of which not every version gives all the label of the last.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dockerslim.verify.engine.client_output import reading
from dockerslim.verify.engine.container_requests import BuildRequest
from dockerslim.verify.engine.engine_client import EngineClient
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError

_LINE_BYTES = 1 << 16
"""After which a line is cut in two."""

_TEMPORARY = "TMPDIR"
_USUAL = Path("/var/tmp")
"""Where Podman looks: what it puts there may be too large for memory."""

_MADE = re.compile(r"--> (?P<id>[0-9a-f]{8,64})")
_FROM_CACHE = re.compile(r"--> Using cache (?P<id>[0-9a-f]{64})")


class PodmanBuildFailed(Exception):
    """The client ended with an error; its words are among the lines."""


def cache_folder(run: RunIdentity) -> Path:
    """The temporary folder of the run's builds, with their cache mounts; it is not made."""
    named = os.environ.get(_TEMPORARY)
    usual = _USUAL if _USUAL.is_dir() else Path(tempfile.gettempdir())
    return (Path(named) if named else usual).absolute() / run.cache_namespace


def has_layer_labels(client: EngineClient) -> bool:
    """Can the images of a build's steps be given a label?"""
    return "--layer-label" in client.run("build", "--help").output.decode(errors="replace")


def build_command(request: BuildRequest, labels: Mapping[str, str], *, layer_labels: bool) -> list[str]:
    """What follows the client's name."""
    pairs = [f"{key}={value}" for key, value in labels.items()]
    options = [("--label", pair) for pair in pairs]
    if layer_labels:
        options += [("--layer-label", pair) for pair in pairs]
    options += [("--build-arg", f"{key}={value}") for key, value in request.arguments.items()]
    options += [("--secret", secret) for secret in request.secrets]
    options += [("--ssh", request.ssh)] if request.ssh else []
    options += [("--platform", request.platform)] if request.platform else []
    options += [("--target", request.target)] if request.target else []
    return [
        "build",
        *("--file", str(request.dockerfile)),
        *("--tag", request.tag),
        # Older versions look for none beside a Dockerfile.
        *("--ignorefile", f"{request.dockerfile}.dockerignore"),
        # Its other format has no HEALTHCHECK.
        *("--format", "docker"),
        *(word for option in options for word in option),
        *(() if request.cache else ("--no-cache",)),
        str(request.context),
    ]


@contextmanager
def podman_build(
    client: EngineClient, request: BuildRequest, run: RunIdentity, folder: Path, *, layer_labels: bool
) -> Iterator[Iterator[str]]:
    """The lines of a build as they come, for which `folder` is made; taking them raises PodmanBuildFailed at the end.

    The images of its steps are named for the run, whatever happens, so that they are found when all is removed.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise VerifyError(
            f"no folder can be made for the builds: {error}", f"set {_TEMPORARY} to another folder"
        ) from error
    command = [*client.command, *build_command(request, run.labels, layer_labels=layer_labels)]
    made = MadeImages()
    try:
        with reading(command, with_errors=True, environment={**os.environ, _TEMPORARY: str(folder)}) as (process, out):

            def lines() -> Iterator[str]:
                while raw := out.readline(_LINE_BYTES):
                    line = raw.decode("utf-8", "replace")
                    made.add(line)
                    yield line
                if process.wait() != 0:
                    raise PodmanBuildFailed

            yield lines()
    finally:
        if not layer_labels:
            for image in made.ids:
                client.run("image", "tag", image, run.tag(f"step-{image}"))


class MadeImages:
    """Reads from a build's lines which images it made; those of the cache may be the user's."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._cached = ""

    def add(self, line: str) -> None:
        line = line.rstrip("\r\n")
        if found := _FROM_CACHE.fullmatch(line):
            self._cached = found["id"]
        elif found := _MADE.fullmatch(line):
            if not self._cached.startswith(found["id"]) and found["id"] not in self.ids:
                self.ids.append(found["id"])
            self._cached = ""
