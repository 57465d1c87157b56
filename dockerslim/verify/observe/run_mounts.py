"""Makes the volumes of a run and fills them, anew for each candidate."""

from __future__ import annotations

import secrets
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.verify.build.context_copy import visible_entries
from dockerslim.verify.engine.container_requests import ContainerRequest, Executed, VolumeMount
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.observe.compose_mounts import PlannedMount

LIFETIME = 600
"""Seconds after which the container that fills a volume ends by itself."""

EXECUTION_SECONDS = 60.0
_PLACE = "/volume"
_ARCHIVE = "/volume.tar"


class VolumeEngine(Protocol):
    """What is needed of the container engine."""

    def create_volume(self, name: str) -> str: ...
    def remove_volume(self, name: str) -> None: ...
    def create(self, request: ContainerRequest, name: str) -> str: ...
    def start(self, container: str) -> str: ...
    def execute(
        self, container: str, command: Sequence[str], input: bytes = b"", timeout: float | None = None
    ) -> Executed: ...
    def copy_into(self, container: str, local: Path, path: str) -> None: ...
    def remove_container(self, container: str) -> None: ...


@contextmanager
def fresh_mounts(
    engine: VolumeEngine, run: RunIdentity, mounts: Sequence[PlannedMount], image: str
) -> Iterator[tuple[VolumeMount, ...]]:
    """New volumes for these mounts, removed at the end; containers that use them must be gone by then.

    A container of `image`, which has a busybox, fills them. Owners, modes and times of a copied folder are kept.
    Raises VerifyError.
    """
    with ExitStack() as stack:
        made: list[VolumeMount] = []
        for mount in mounts:
            volume = engine.create_volume(run.name(f"volume-{secrets.token_hex(3)}"))
            stack.callback(engine.remove_volume, volume)
            if mount.source is not None or mount.is_for_all:
                _fill(engine, run, mount, volume, image)
            made.append(VolumeMount(volume, mount.target))
        yield tuple(made)


def _fill(engine: VolumeEngine, run: RunIdentity, mount: PlannedMount, volume: str, image: str) -> None:
    request = ContainerRequest(
        image,
        command=(str(LIFETIME),),
        entrypoint="sleep",
        network="none",
        mounts=(VolumeMount(volume, _PLACE),),
        user="0:0",
        has_health_check=False,
    )
    container = engine.create(request, run.name(f"fill-{secrets.token_hex(3)}"))
    try:
        failure = engine.start(container)
        if failure:
            raise VerifyError(f"the volume for `{mount.target}` can't be filled: {failure}")
        if mount.source is not None:
            _copy_folder(engine, run, container, mount, mount.source)
        if mount.is_for_all:
            _execute(engine, container, mount, ("chmod", "1777", _PLACE))
    finally:
        engine.remove_container(container)


def _copy_folder(engine: VolumeEngine, run: RunIdentity, container: str, mount: PlannedMount, source: Path) -> None:
    """By a tar file, which is unpacked inside: an engine's own copy makes everything root's."""
    folder = run.temporary_folder(f"mount-{secrets.token_hex(3)}")
    try:
        folder.mkdir(mode=0o700)
        archive = folder / "mount.tar"
        _pack(source, archive)
        engine.copy_into(container, archive, _ARCHIVE)
    except OSError as error:
        raise VerifyError(f"`{source.name}`, which is mounted at `{mount.target}`, can't be copied: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _execute(engine, container, mount, ("tar", "-x", "-p", "-f", _ARCHIVE, "-C", _PLACE))


def _pack(source: Path, archive: Path) -> None:
    with tarfile.open(archive, "x", format=tarfile.PAX_FORMAT) as tar:
        tar.add(source, ".", recursive=False, filter=_numeric)
        for entry in visible_entries(source, IgnoreFile()):
            tar.add(source / entry.path, f"./{entry.path}", recursive=False, filter=_numeric)


def _numeric(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without names: those of the host may stand for other ids inside."""
    member.uname = member.gname = ""
    return member


def _execute(engine: VolumeEngine, container: str, mount: PlannedMount, command: Sequence[str]) -> None:
    done = engine.execute(container, command, timeout=EXECUTION_SECONDS)
    if done.exit_code != 0:
        raise VerifyError(f"the volume for `{mount.target}` can't be filled: {done.error.strip() or command[0]}")
