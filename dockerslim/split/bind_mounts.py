"""Files of the host that compose mounts into the container: can a user who isn't root do with them?"""

from __future__ import annotations

import os
import posixpath
import stat
from pathlib import Path

from dockerslim.context.compose import Mount
from dockerslim.context.service_use import ServiceUse
from dockerslim.paths import is_within, overlap
from dockerslim.split.running import RunningProgram

OF_HOST = ("/", "~", "$", "\\")
"""Sources that begin so are not the repository's, or nobody knows."""
HOME_OF_ROOT = "/root"


def is_only_read(root: Path | None, service: ServiceUse, mount: Mount, program: RunningProgram | None) -> bool:
    """Is it a file or folder of the repository that anybody may read, and that the program never writes to?

    What is not there yet is made by the engine, as root's. `root` is the folder that the service's file is relative to.
    """
    if root is None or program is None or program.unknown:
        return False
    target = posixpath.normpath(mount.target)
    if is_within(target, HOME_OF_ROOT) or any(overlap(target, path.rstrip("/") or "/") for path in program.written):
        return False
    source = mount.source
    if source.startswith(OF_HOST) or "$" in source or source[1:2] == ":":
        return False
    top = os.path.abspath(root)  # noqa: PTH100 (follows no links)
    path = os.path.abspath(Path(top, service.file).parent / source)  # noqa: PTH100
    return (path == top or path.startswith(top.rstrip(os.sep) + os.sep)) and _can_be_read(path)


def _can_be_read(path: str) -> bool:
    """May others read it? A folder must have something in it: git has no empty ones."""
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode):
            return bool(mode & stat.S_IROTH)
        if not stat.S_ISDIR(mode) or not mode & stat.S_IROTH or not mode & stat.S_IXOTH:
            return False
        with os.scandir(path) as entries:
            return next(entries, None) is not None
    except (OSError, ValueError):
        return False
