"""One verification from its start to its end: nothing that it made outlives it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dockerslim.verify.engine.cleanup import remove_everything
from dockerslim.verify.engine.client_processes import RUN_VARIABLE, end_children_of
from dockerslim.verify.engine.reaper import Reaper
from dockerslim.verify.engine.run_identity import RunIdentity

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def verification_run() -> Iterator[tuple[RunIdentity, Reaper]]:
    """A new identity, and the reaper, which is told of engines and folders before anything is made in them.

    At the end all is removed that carries the identity: images, containers, networks, volumes, cache mounts, folders.

    While it lasts, SIGTERM and SIGHUP end the program in an orderly way as Ctrl-C does, and the engine's clients end
    with it. Where the cleaning up is interrupted too, or the process is killed, the reaper does it.
    """
    run = RunIdentity.new()
    with _orderly_end(run):
        reaper = Reaper.start(run)
        os.environ[RUN_VARIABLE] = run.id
        ended_well = False
        try:
            try:
                yield run, reaper
                ended_well = True
            finally:
                end_children_of(run.id)
                removal = remove_everything(reaper.engines, run.id, reaper.folders)
            if ended_well and removal.complete:
                reaper.done()
        finally:
            # After an interruption an engine may still be finishing something: the reaper looks again.
            os.environ.pop(RUN_VARIABLE, None)
            reaper.close()


@contextmanager
def _orderly_end(run: RunIdentity) -> Iterator[None]:
    """Make exceptions of the signals that ask a program to end; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        # Threads that wait for a client would hold the program up until a build is done.
        end_children_of(run.id)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    before = {}
    for name in _ENDING:
        number = getattr(signal, name, None)
        # What is ignored stays ignored: `nohup` does so.
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
