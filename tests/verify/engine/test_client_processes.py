"""Time limits of clients, and which processes are ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import pytest

from dockerslim.verify.engine.client_processes import (
    RUN_VARIABLE,
    end_children_of,
    end_children_with,
    end_processes_of,
    time_limit,
)
from dockerslim.verify.errors import VerifyError

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        with process:
            process.kill()


def _sleep(*words: str, run: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SLEEP, *words], env={**os.environ, RUN_VARIABLE: run})


def test_what_takes_too_long_is_ended_and_said(mark: str) -> None:
    begin = time.monotonic()

    with pytest.raises(VerifyError, match=r"the build was not done after 0\.3 s"), time_limit(0.3, mark, "the build"):
        subprocess.run([sys.executable, "-c", SLEEP, f"--tag=x:{mark}"], check=True)

    assert time.monotonic() - begin < 20


def test_what_is_done_in_time_is_left_alone(mark: str) -> None:
    with time_limit(30, mark, "the build"):
        subprocess.run([sys.executable, "-c", "", mark], check=True)


def test_a_failure_in_time_stays_what_it_is(mark: str) -> None:
    with pytest.raises(VerifyError, match="no disk"), time_limit(30, mark, "the build"):
        raise VerifyError("no disk")


def test_an_interruption_passes_through_and_ends_the_client(mark: str, started: list[subprocess.Popen[bytes]]) -> None:
    with pytest.raises(KeyboardInterrupt), time_limit(30, mark, "the build"):
        started.append(_sleep(mark))
        raise KeyboardInterrupt

    assert started[0].wait(20) != 0


def test_only_what_has_the_argument_is_ended(mark: str, started: list[subprocess.Popen[bytes]]) -> None:
    started += [_sleep(mark), _sleep("other")]

    end_children_with(mark)

    assert started[0].wait(20) != 0
    assert started[1].poll() is None


def test_only_what_belongs_to_the_run_is_ended(mark: str, started: list[subprocess.Popen[bytes]]) -> None:
    started += [_sleep(run=mark), _sleep(run=mark), _sleep(run="other")]

    end_children_of(mark)
    assert started[0].wait(20) != 0
    assert started[1].wait(20) != 0
    started.append(_sleep(run=mark))

    assert end_processes_of(mark) == 1
    assert started[3].wait(20) != 0
    assert started[2].poll() is None
