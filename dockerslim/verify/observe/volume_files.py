"""What a program wrote into volumes, of which the engine's list of changed paths says nothing."""

from __future__ import annotations

import posixpath
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dockerslim.verify.engine.container_requests import ContainerRequest, VolumeMount

if TYPE_CHECKING:
    from dockerslim.verify.engine.container_engine import ContainerEngine
    from dockerslim.verify.engine.run_identity import RunIdentity

FILES_LIMIT = 5_000
"""Of one volume."""

EXECUTION_SECONDS = 60.0
LIFETIME = 600

_ROOT = "/volumes"
_LIST = """find "$1" -type f -exec stat -c '%Y %n' {} + | head -n "$2" """


def files_written(
    engine: ContainerEngine, run: RunIdentity, image: str, volumes: Mapping[str, str], since: int
) -> dict[str, str]:
    """The files in volumes that were changed at or after `since` (seconds since 1970), each as `A`.

    `volumes` are mount target and volume name. They are read by a container of `image`, which mounts them read-only.
    What the engine copied from the image into a new volume has kept its time and is older.
    """
    if not volumes:
        return {}
    folders = {f"{_ROOT}/{number}": target for number, target in enumerate(volumes)}
    mounts = tuple(VolumeMount(volumes[target], folder, read_only=True) for folder, target in folders.items())
    request = ContainerRequest(
        image,
        command=(str(LIFETIME),),
        entrypoint="sleep",
        network="none",
        mounts=mounts,
        user="0:0",
        has_health_check=False,
    )
    found: dict[str, str] = {}
    with ExitStack() as stack:
        container = engine.create(request, run.name(f"volumes-{secrets.token_hex(3)}"))
        stack.callback(engine.remove_container, container)
        if engine.start(container):
            return {}
        for folder, target in folders.items():
            command = ("sh", "-c", _LIST, "list", folder, str(FILES_LIMIT))
            listed = engine.execute(container, command, timeout=EXECUTION_SECONDS).output
            for path in _newer(listed.decode("utf-8", "replace"), folder, since):
                found[posixpath.join(target, path)] = "A"
    return found


def _newer(listed: str, folder: str, since: int) -> Iterator[str]:
    """The paths, relative to `folder`, in lines of a time and a path; a name with a line break in it is passed over."""
    for line in listed.split("\n"):
        time, _, path = line.partition(" ")
        if time.isdecimal() and int(time) >= since and path.startswith(f"{folder}/"):
            yield path.removeprefix(f"{folder}/")
