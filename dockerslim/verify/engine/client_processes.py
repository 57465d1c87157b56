"""The processes of the engine's client that a verification started: limiting their time, ending them.

Standard library and psutil only: the reaper starts with this module.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from dockerslim.verify.errors import VerifyError

RUN_VARIABLE = "DOCKERSLIM_RUN"
"""Of the environment of each client: the id of the run that it belongs to."""

_PAUSE = 0.2
"""Seconds between two attempts to end what a client has started meanwhile."""


def end_children_with(argument: str) -> None:
    """End the children of this process, and theirs, that have `argument` in a word of their command line."""
    _end(psutil.Process().children(recursive=True), lambda process: any(argument in word for word in process.cmdline()))


def end_children_of(run_id: str) -> None:
    """End the children of this process, and theirs, that belong to the run."""
    _end(psutil.Process().children(recursive=True), lambda process: _run_of(process) == run_id)


def end_processes_of(run_id: str) -> int:
    """End all clients of the run that its killed main process left behind; tells how many there were."""
    me = psutil.Process()
    others = (process for process in psutil.process_iter() if process.pid != me.pid)
    return _end(others, lambda process: _run_of(process) == run_id and process.username() == me.username())


@contextmanager
def time_limit(seconds: float, argument: str, what: str) -> Iterator[None]:
    """Hold the clients that name `argument` to a time, and leave none of them running whatever ends the block.

    Clients are started deep inside a library that has no limit of its own, so they are known by an argument that no
    other call has: a tag, a container. Past the limit they are killed and VerifyError says that `what` was not done.
    """
    over, expired = threading.Event(), threading.Event()

    def watch() -> None:
        if over.wait(seconds):
            return
        expired.set()
        while not over.is_set():
            end_children_with(argument)
            over.wait(_PAUSE)

    watcher = threading.Thread(target=watch, name=f"time limit of {what}", daemon=True)
    watcher.start()
    try:
        yield
    except BaseException as error:
        # Ctrl-C reaches us between two lines of a build: the client, which nobody waits for any more, would go on.
        end_children_with(argument)
        if expired.is_set() and isinstance(error, Exception):
            raise _not_done(what, seconds) from error
        raise
    finally:
        over.set()
        watcher.join()
    if expired.is_set():
        raise _not_done(what, seconds)


def _not_done(what: str, seconds: float) -> VerifyError:
    return VerifyError(f"{what} was not done after {seconds:g} s", "look for what it waits for, or allow more time")


def _run_of(process: psutil.Process) -> str | None:
    return process.environ().get(RUN_VARIABLE)


def _end(processes: Iterator[psutil.Process] | list[psutil.Process], wanted: Callable[[psutil.Process], bool]) -> int:
    ended = 0
    for process in processes:
        # Processes come and go while they are looked at, and those of others can't be read.
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and wanted(process):
                process.kill()
                ended += 1
    return ended
