"""Keeps the logs of what failed where a person can read them afterwards."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

LOG_LIMIT = 10_000_000
"""Characters; of a longer log the end is kept, where the failure stands."""

NAME_LIMIT = 100
_TRIES = 1_000
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(slots=True)
class KeptLogs:
    """The logs of one run, in a folder of their own that is made with the first of them.

    `parent` is where that folder is made (None: the user's own folder for logs), `shown` the Dockerfile's path as the
    user reads it, `started` when the run began.
    """

    parent: Path | None
    shown: str
    started: datetime = field(default_factory=datetime.now)
    files: list[Path] = field(default_factory=list)
    """All that were kept, in order."""
    _folder: Path | None = None

    def keep(self, name: str, text: str) -> Path | None:
        """Write a log; its path, or None where nothing can be written: a lost log is no reason to stop."""
        data = text[-LOG_LIMIT:].encode("utf-8", "backslashreplace")
        try:
            if self._folder is None:
                self._folder = _new_folder(self.parent or default_log_folder(), f"{self.started:%Y-%m-%dT%H-%M-%S}")
            path = _write_new(self._folder, _safe(f"{self.shown}-{name}"), data)
        except (OSError, ValueError):
            return None
        self.files.append(path)
        return path


def default_log_folder() -> Path:
    """The folder for logs in the user's home, by the rules of the operating system."""
    if platform.system() == "Linux":
        state = os.environ.get("XDG_STATE_HOME") or ""
        # The standard has paths that are not absolute count as not set.
        base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
        return base / "dockerslim" / "logs"
    from typer import get_app_dir

    return Path(get_app_dir("dockerslim")) / "logs"


def _new_folder(parent: Path, name: str) -> Path:
    """Only the user may read it: a build prints what a stranger should not see."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, _TRIES):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder.absolute()
    raise FileExistsError(parent / name)


def _write_new(folder: Path, name: str, data: bytes) -> Path:
    for number in range(1, _TRIES):
        path = folder / (f"{name}.log" if number == 1 else f"{name}-{number}.log")
        try:
            with path.open("xb") as stream:
                stream.write(data)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(folder / name)


def _safe(name: str) -> str:
    """A file name of it; the end is what tells two long ones apart."""
    return _UNSAFE.sub("-", name).strip("-.")[-NAME_LIMIT:].lstrip("-.") or "log"
