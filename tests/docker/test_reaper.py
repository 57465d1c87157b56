"""However a verification ends, nothing that it made is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from dockerslim.verify.engine.client_processes import RUN_VARIABLE
from dockerslim.verify.engine.run_identity import RunIdentity

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

CLEAN_WITHIN = 60.0
"""Seconds; an engine that builds several images at once takes a while to end them."""

KILLS = 4

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def test_nothing_is_left_after_kills_at_random_moments() -> None:
    moments = sorted(random.uniform(0.0, 4.0) for _ in range(KILLS))
    with _programs(KILLS) as programs:
        begin = time.monotonic()
        for moment, (program, _) in zip(moments, programs, strict=True):
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            # Now alone, now with the clients that it waits for.
            if random.random() < 0.5:
                os.killpg(program.pid, signal.SIGKILL)
            else:
                program.kill()
        for moment, (_, run_id) in zip(moments, programs, strict=True):
            assert _left_in_the_end(run_id) == [], f"killed after {moment:.3f} s"


def test_signals_end_it_in_order() -> None:
    with _programs(len(SIGNALS)) as programs:
        time.sleep(random.uniform(1.0, 3.0))
        for number, (program, _) in zip(SIGNALS, programs, strict=True):
            program.send_signal(number)
        for number, (program, run_id) in zip(SIGNALS, programs, strict=True):
            assert program.wait(CLEAN_WITHIN) in (-number, 128 + number)
            assert _folders(run_id) == []
            assert _left_in_the_end(run_id) == []


def test_a_second_interruption_leaves_the_rest_to_the_reaper() -> None:
    with _programs(1) as [(program, run_id)]:
        time.sleep(2.0)
        for _ in range(3):
            program.send_signal(signal.SIGINT)
            time.sleep(0.05)
        program.wait(30)

        assert _left_in_the_end(run_id) == []


@contextmanager
def _programs(count: int) -> Iterator[list[tuple[subprocess.Popen[str], str]]]:
    """Programs that make things in the engine, each in a group of its own, with the ids of their runs."""
    root = Path(__file__).parents[2]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.docker.verification_program"],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        for _ in range(count)
    ]
    try:
        programs = []
        for program in started:
            assert program.stdout is not None
            programs.append((program, program.stdout.readline().strip()))
        yield programs
    finally:
        for program in started:
            with program:
                program.kill()


def _left_in_the_end(run_id: str) -> list[str]:
    """What is still there when the reaper must have been through; it is given up to its time limit."""
    assert run_id, "the program did not come up"
    end = time.monotonic() + CLEAN_WITHIN
    while (left := [*_left(run_id), *_processes(run_id)]) and time.monotonic() < end:
        time.sleep(0.3)
    # Once more: an engine may bring forth what it had begun.
    time.sleep(1.0)
    return left or _left(run_id)


def _left(run_id: str) -> list[str]:
    run = RunIdentity(run_id)
    listings = {
        "container": ("container", "ls", "--all", "--quiet"),
        "network": ("network", "ls", "--quiet"),
        "volume": ("volume", "ls", "--quiet"),
        "image": ("image", "ls", "--all", "--quiet"),
    }
    left = [
        f"{kind} {name}"
        for kind, listing in listings.items()
        for name in _docker(*listing, "--filter", f"label={run.LABEL}={run_id}").split()
    ]
    mounts = _docker("buildx", "du", "--verbose", "--filter", f"description~={run.cache_namespace}")
    left += [f"cache mount {line}" for line in mounts.splitlines() if line.startswith("ID:")]
    return left + _folders(run_id)


def _folders(run_id: str) -> list[str]:
    return [str(path) for path in Path(tempfile.gettempdir()).glob(f"*{run_id}*")]


def _processes(run_id: str) -> list[str]:
    """The clients of the run, and its reaper."""
    found = []
    for process in psutil.process_iter():
        try:
            if run_id in process.cmdline() or process.environ().get(RUN_VARIABLE) == run_id:
                found.append(f"process {process.pid}")
        except (psutil.Error, OSError):
            continue
    return found


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=60).stdout
