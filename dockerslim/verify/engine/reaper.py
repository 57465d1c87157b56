"""The process that cleans up after a main process which was killed, and the main process's hold on it.

A killed process can't remove what it made, so another one is started before anything is made. It listens at the end of
a pipe: lines tell what to watch, and the end of the pipe without a last line `done` means that the main process is gone
(the engine's clients don't inherit the other end). Then it ends the clients that were left behind and removes what is
there, until two looks in a row find nothing: an engine may still be finishing an image when its client is gone.

Both sides import the standard library and psutil only, so that the reaper is up in a moment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from dockerslim.verify.engine.cleanup import WatchedEngine, remove_everything
from dockerslim.verify.engine.client_processes import RUN_VARIABLE, end_processes_of
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError

START_SECONDS = 30.0
LOOKS_IN_A_ROW = 2
PAUSE_SECONDS = 2.0
"""Between two looks."""
WATCH_SECONDS = 90.0
"""After which it gives up: the engine is gone, or something can't be removed."""

# The package may be anywhere on the main process's path. `-P`, and a path added at the end, see to it that nothing is
# imported from the working folder, which is a stranger's.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from dockerslim.verify.engine.reaper import main; main(sys.argv[2])"
)


class Reaper:
    """The main process's end of the pipe. Each `watch_…` is called before the thing is made."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.engines: list[WatchedEngine] = []
        self.folders: list[Path] = []
        self._process = process
        self._lock = Lock()

    @classmethod
    def start(cls, run: RunIdentity) -> Reaper:
        """Start the reaper of a run; VerifyError where no process can be started."""
        environment = {key: value for key, value in os.environ.items() if key != RUN_VARIABLE}
        package_root = Path(__file__).parents[2]
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(package_root), run.id],
                stdin=subprocess.PIPE,
                # Whoever reads our own output would wait for the reaper too.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                **_apart_from_us(),
            )
            if os.name == "posix" and process.wait(START_SECONDS) != 0:
                raise OSError(f"it ended with {process.returncode}")
        except (OSError, subprocess.SubprocessError) as error:
            raise VerifyError("the process that cleans up could not be started", str(error)) from error
        return cls(process)

    def watch_folder(self, path: Path) -> None:
        """Have a temporary folder removed; it need not exist yet (see `RunIdentity.temporary_folder`)."""
        self.folders.append(path.absolute())
        self._tell({"folder": str(path.absolute())})

    def watch_engine(self, engine: WatchedEngine) -> None:
        """Have what carries the run's label removed from an engine."""
        self.engines.append(engine)
        cache_folder = None if engine.cache_folder is None else str(engine.cache_folder)
        self._tell({"client": list(engine.client_command), "builder": engine.builder, "cache_folder": cache_folder})

    def done(self) -> None:
        """All is removed: the reaper ends at once."""
        self._tell({"done": True})
        self.close()

    def close(self) -> None:
        """Let go of the pipe; unless all was done, the reaper then cleans up."""
        with self._lock, suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        if os.name != "posix":
            # Not waited for: it may have a minute's work before it.
            self._process.returncode = 0

    def _tell(self, message: dict[str, Any]) -> None:
        # Somebody may have killed the reaper; the run itself still cleans up at its end.
        with self._lock, suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()


@dataclass(slots=True)
class _Watched:
    """What the main process has told so far."""

    engines: list[WatchedEngine] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    done: bool = False

    def hear(self, line: bytes) -> None:
        """Take in one line; a line that was cut off by the end of its writer says nothing."""
        try:
            message = json.loads(line)
        except ValueError:
            return
        if "folder" in message:
            self.folders.append(Path(message["folder"]))
        elif "client" in message:
            cache_folder = message["cache_folder"] and Path(message["cache_folder"])
            self.engines.append(WatchedEngine(tuple(message["client"]), message["builder"], cache_folder))
        elif "done" in message:
            self.done = True


def main(run_id: str) -> None:
    """Watch the main process of a run, and clean up when it is gone."""
    _stand_alone()
    watched = _Watched()
    for line in sys.stdin.buffer:
        watched.hear(line)
    if not watched.done:
        clean_up(run_id, watched.engines, watched.folders)


def clean_up(run_id: str, engines: Sequence[WatchedEngine], folders: Iterable[Path]) -> None:
    """Remove all of a run until nothing new turns up; gives up after a while."""
    folders = tuple(folders)
    end = time.monotonic() + WATCH_SECONDS
    quiet_looks = 0
    while quiet_looks < LOOKS_IN_A_ROW and time.monotonic() < end:
        clients = end_processes_of(run_id)
        removal = remove_everything(engines, run_id, folders, seconds=end - time.monotonic())
        is_quiet = clients == removal.found == 0 and removal.complete
        quiet_looks = quiet_looks + 1 if is_quiet else 0
        if quiet_looks < LOOKS_IN_A_ROW:
            time.sleep(PAUSE_SECONDS)


def _stand_alone() -> None:
    """Become a process that no signal to the main process or to its children reaches."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if sys.platform != "win32" and os.fork():
        # Whoever ends a process with all its children would otherwise end the reaper; its end also tells that it is up.
        os._exit(0)


def _apart_from_us() -> dict[str, Any]:
    """The arguments of Popen for a process that a Ctrl-C in our terminal doesn't reach."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    else:
        return {"start_new_session": True}


if __name__ == "__main__":
    main(sys.argv[1])
