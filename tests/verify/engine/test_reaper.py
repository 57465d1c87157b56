"""When the reaper cleans up, and what it does not let stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from dockerslim.verify.engine.cleanup import WatchedEngine
from dockerslim.verify.engine.client_processes import RUN_VARIABLE
from dockerslim.verify.engine.reaper import Reaper
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.engine.verification_run import verification_run
from tests.verify.fake_client import FakeClient, needs_scripts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the other tests' signals and scripts are of POSIX")

PATIENCE = 30.0


def test_removes_what_it_was_told_of_when_the_pipe_ends(tmp_path: Path) -> None:
    run = RunIdentity.new()
    folder = tmp_path / "made later"
    reaper = Reaper.start(run)
    reaper.watch_folder(folder)
    folder.mkdir()

    reaper.close()

    _wait_for_end(run)
    assert not folder.exists()


def test_removes_nothing_when_all_was_done(tmp_path: Path) -> None:
    run = RunIdentity.new()
    reaper = Reaper.start(run)
    reaper.watch_folder(tmp_path)

    reaper.done()

    _wait_for_end(run)
    assert tmp_path.exists()


@needs_scripts
def test_looks_until_nothing_turned_up_twice(tmp_path: Path) -> None:
    client = FakeClient.make(tmp_path)
    run = RunIdentity.new()
    reaper = Reaper.start(run)
    reaper.watch_engine(WatchedEngine((str(client.path),)))

    reaper.close()

    _wait_for_end(run)
    assert [call[0] for call in client.calls if "ls" in call] == ["container", "network", "volume", "image"] * 2


def test_no_signal_stops_it(tmp_path: Path) -> None:
    run = RunIdentity.new()
    reaper = Reaper.start(run)
    [process] = _reapers(run)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process.send_signal(number)
    time.sleep(0.2)

    assert process.is_running()
    assert os.getsid(process.pid) != os.getsid(0)
    assert process.ppid() != os.getpid()
    reaper.done()
    _wait_for_end(run)


def test_is_not_among_what_belongs_to_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_VARIABLE, "of an outer run")
    run = RunIdentity.new()
    reaper = Reaper.start(run)
    [process] = _reapers(run)

    assert RUN_VARIABLE not in process.environ()
    reaper.done()
    _wait_for_end(run)


def test_imports_nothing_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "psutil", "subprocess", "tempfile"):
        (tmp_path / f"{name}.py").write_text("import pathlib\npathlib.Path('imported').touch()\n")
    monkeypatch.chdir(tmp_path)

    run = RunIdentity.new()
    Reaper.start(run).done()

    _wait_for_end(run)
    assert not (tmp_path / "imported").exists()


def test_its_side_imports_nothing_slow() -> None:
    program = "import sys, dockerslim.verify.engine.reaper as r; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    slow = {"python_on_whales", "pydantic", "rich", "typer", "yaml", "libcst"}
    assert slow.isdisjoint(done.stdout.split())


def test_a_run_cleans_up_at_its_end() -> None:
    with verification_run() as (run, reaper):
        folder = run.temporary_folder("workspace")
        reaper.watch_folder(folder)
        folder.mkdir()
        assert os.environ[RUN_VARIABLE] == run.id

    assert not folder.exists()
    assert RUN_VARIABLE not in os.environ
    _wait_for_end(run)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_becomes_an_exception(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    expected = KeyboardInterrupt if number == signal.SIGINT else SystemExit

    with pytest.raises(expected) as raised, verification_run() as (run, reaper):
        folder = run.temporary_folder("workspace")
        reaper.watch_folder(folder)
        folder.mkdir()
        client = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        os.kill(os.getpid(), number)
        time.sleep(5)

    with client:
        assert client.wait(20) != 0
    assert not folder.exists()
    assert signal.getsignal(number) == before
    if expected is SystemExit:
        assert raised.value.args == (128 + number,)
    _wait_for_end(run)


def _reapers(run: RunIdentity) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.cmdline()[-1:] == [run.id]:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _wait_for_end(run: RunIdentity) -> None:
    end = time.monotonic() + PATIENCE
    while _reapers(run):
        assert time.monotonic() < end, "the reaper does not end"
        time.sleep(0.05)
