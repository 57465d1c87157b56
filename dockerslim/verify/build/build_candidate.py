"""Builds one candidate and keeps the log of a build that failed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from dockerslim.verify.build.build_log import BuildLog
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.kept_logs import KeptLogs
from dockerslim.verify.engine.container_requests import BuildRequest
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import BuildFailed, VerifyError

CACHE_NAMESPACE = "BUILDKIT_CACHE_MOUNT_NS"
"""The build argument that BuildKit puts before the ids of all cache mounts."""

_LOST_LAYER = "layer does not exist"
"""Of an engine that another client has images removed from while it exports one that shares layers with them: its cache
then names a layer that is gone (https://github.com/moby/moby/issues/41595), so the next build goes without."""

OUTPUT_LIMIT = 10_000_000
"""Characters of a build's output that are held; of a longer one the end."""


class Builder(Protocol):
    """What is needed of the container engine."""

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> str: ...
    def configuration(self, image: str) -> ImageConfiguration: ...
    def remove_image(self, image: str) -> None: ...
    def forget_cache_mounts(self) -> None: ...


class Folders(Protocol):
    """What is needed of the workspace."""

    @property
    def context(self) -> Path: ...
    def candidate_folder(self, candidate: Candidate) -> Path: ...


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What a build is given besides the candidate, the same for all of them."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """As on buildx' command line; a relative path in one is relative to the working folder."""
    ssh: str | None = None
    platform: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """An image that was built. `seconds` is the wall time of the whole build."""

    image_id: str
    configuration: ImageConfiguration
    seconds: float
    log: str
    fetched_base: bool
    """Was an image downloaded or unpacked within the time?"""
    tag: str = ""


def build_candidate(
    engine: Builder,
    run: RunIdentity,
    workspace: Folders,
    candidate: Candidate,
    settings: BuildSettings,
    say: Callable[[str], None],
    *,
    cold: bool = False,
    tag_suffix: str = "",
    logs: KeptLogs | None = None,
) -> Built:
    """Build it under a tag of the run's own; `say` is told each step as it begins.

    `cold` builds without any cache: no step is taken from one, and cache mounts are empty. Cache mounts are always the
    run's own, so that the user's are neither read nor filled; those that a cold build fills are warm for the next.
    Raises BuildFailed or another VerifyError, with the path of the log where `logs` could keep it.
    """
    name = f"{candidate.name}{tag_suffix}"
    request = BuildRequest(
        context=workspace.context,
        dockerfile=workspace.candidate_folder(candidate),
        tag=run.tag(name),
        arguments={**settings.arguments, CACHE_NAMESPACE: run.cache_namespace},
        secrets=settings.secrets,
        ssh=settings.ssh,
        platform=settings.platform,
        target=settings.target,
        cache=not cold,
    )
    if cold:
        engine.forget_cache_mounts()
    started = time.monotonic()
    output = _Output(say)
    try:
        try:
            image = engine.build(request, output.add)
        except VerifyError as error:
            if _LOST_LAYER not in error.message:
                raise
            output = _Output(say)
            image = engine.build(replace(request, cache=False), output.add)
    except VerifyError as error:
        _keep(error, name, output, logs)
        raise
    seconds = time.monotonic() - started
    return Built(image, engine.configuration(image), seconds, output.text, output.log.fetched_image, tag=request.tag)


def _keep(error: VerifyError, name: str, output: _Output, logs: KeptLogs | None) -> None:
    text = (error.output if isinstance(error, BuildFailed) else "") or output.text
    if logs is not None and text and error.log is None:
        error.log = logs.keep(name, text)


class _Output:
    """The lines of a build as they come."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.log = BuildLog()
        self._say = say
        self._said = ""
        self._lines: deque[str] = deque()
        self._size = 0

    def add(self, line: str) -> None:
        line = line.rstrip("\r\n")
        self._lines.append(line)
        self._size += len(line) + 1
        while self._size > OUTPUT_LIMIT and len(self._lines) > 1:
            self._size -= len(self._lines.popleft()) + 1
        step = self.log.add(line)
        if step is not None and step.shown != self._said:
            self._said = step.shown
            self._say(step.shown)

    @property
    def text(self) -> str:
        return "".join(line + "\n" for line in self._lines)
