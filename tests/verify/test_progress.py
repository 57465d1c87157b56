"""What is told while images are built and run."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dockerslim.verify.progress import Progress

ROOT = Path(__file__).resolve().parent.parent.parent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_terminal_that_can_do_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")


def told(stream: io.StringIO) -> str:
    return re.sub(r"\d+\.\d s", "N s", stream.getvalue())


def two_phases(progress: Progress) -> None:
    progress.file("api/Dockerfile")
    progress.phase("building before")
    progress.step("[2/3] RUN make")
    progress.phase("running after")


def test_a_line_a_phase_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Progress(stream) as progress:
        two_phases(progress)
        assert told(stream) == "api/Dockerfile: building before ... N s\napi/Dockerfile: running after ..."
        progress.file("web/Dockerfile")
        progress.phase("building before")

    assert told(stream) == (
        "api/Dockerfile: building before ... N s\n"
        "api/Dockerfile: running after ... N s\n"
        "web/Dockerfile: building before ... N s\n"
    )


def test_a_line_is_ended_before_somebody_else_writes() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    two_phases(progress)
    progress.clear()
    progress.clear()

    assert told(stream).endswith("running after ... N s\n")


def test_quiet_prints_nothing() -> None:
    for stream in (io.StringIO(), Terminal()):
        with Progress(stream, quiet=True) as progress:
            two_phases(progress)
        assert stream.getvalue() == ""


def test_verbose_prints_each_step() -> None:
    stream = Terminal()
    with Progress(stream, verbose=True) as progress:
        two_phases(progress)

    assert stream.getvalue() == (
        "api/Dockerfile: building before ...\n  [2/3] RUN make\napi/Dockerfile: running after ...\n"
    )


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    with Progress(stream) as progress:
        two_phases(progress)

    assert "\x1b" not in stream.getvalue()


def test_a_terminal_has_one_line_that_is_gone_at_the_end() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        two_phases(progress)
        progress.step("\x1b[2J waiting")
        wait_for("waiting", stream)

    text = stream.getvalue()
    assert "api/Dockerfile: running after" in text
    assert "\x1b[2J" not in text.replace("\\x1b[2J", ""), "no text of a project is an escape sequence"
    assert text.endswith("\x1b[1A\x1b[2K"), "the line is erased"
    assert "\x1b[?25l" not in text, "the cursor stays"


def test_a_line_that_was_cleared_comes_back_with_the_next_phase() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        two_phases(progress)
        progress.clear()
        length = len(stream.getvalue())
        progress.step("not drawn")
        assert len(stream.getvalue()) == length
        progress.phase("timing after")
        wait_for("timing after", stream)


def wait_for(text: str, stream: io.StringIO) -> None:
    end = time.monotonic() + 10
    while text not in stream.getvalue():
        assert time.monotonic() < end, stream.getvalue()
        time.sleep(0.02)


def test_texts_that_the_stream_does_not_know() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    with Progress(stream) as progress:
        progress.file("caf\u00e9\udce9\x1b")
        progress.phase("building before")
    stream.flush()

    assert stream.buffer.getvalue().startswith(b"caf\\xe9\\xe9\\x1b: building before ...")


def test_a_stream_that_is_closed_hides_no_error() -> None:
    stream = io.StringIO()
    with pytest.raises(KeyError), Progress(stream) as progress:
        two_phases(progress)
        stream.close()
        raise KeyError


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals on Windows")
def test_an_interrupt_leaves_the_terminal_as_it_was() -> None:
    import os
    import pty

    program = (
        "import os, signal, sys, time\n"
        "from dockerslim.verify.progress import Progress\n"
        "with Progress(sys.stderr) as progress:\n"
        "    progress.file('api/Dockerfile')\n"
        "    progress.phase('building before')\n"
        "    time.sleep(0.6)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(30)\n"
    )
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )
    os.close(slave)
    text = b""
    try:
        while part := os.read(master, 10_000):
            text += part
    except OSError:  # how Linux tells that the other end is closed
        pass
    os.close(master)

    assert running.wait(30) != 0
    assert b"api/Dockerfile: building before" in text
    drawn, erased, trace = text.rpartition(b"\x1b[2K")
    assert erased
    assert b"KeyboardInterrupt" in trace
    assert b"\x1b[" not in trace
    assert b"\x1b[?25l" not in drawn
