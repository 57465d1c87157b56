"""What is going on, on standard error: a line that is drawn anew on a terminal, a line a phase elsewhere."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from dockerslim.output.color import use_color
from dockerslim.output.terminal_text import visible

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

REDRAWS = 5
"""A second."""


class Progress:
    """Says which file is worked on, what is done with it, and since when.

    `step` may be called from any thread. `clear` is for before somebody else writes to the terminal; the next phase
    draws the line again. With `verbose` every step is a line of its own. The cursor is never hidden, so that
    no way to end leaves a terminal without one.
    """

    def __init__(self, stream: TextIO, quiet: bool = False, verbose: bool = False) -> None:
        self._stream = stream
        self._is_quiet = quiet
        self._is_verbose = verbose
        self._is_drawn = not quiet and not verbose and _can_be_drawn(stream)
        self._file = ""
        self._phase = ""
        self._step = ""
        self._began = time.monotonic()
        self._live: Live | None = None
        self._has_open_line = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A terminal that went away must not hide why.
        with contextlib.suppress(OSError, ValueError):
            self.clear()

    def file(self, shown: str) -> None:
        """The file that the next phases are about."""
        self._end_line()
        self._file, self._phase, self._step = shown, "", ""

    def phase(self, text: str) -> None:
        """What is done with the file from now on, such as `building before`; the clock starts again."""
        self._end_line()
        self._phase, self._step, self._began = text, "", time.monotonic()
        if self._is_quiet:
            return
        if self._is_drawn:
            self._draw()
        else:
            self._write(f"{self._what()} ..." + ("\n" if self._is_verbose else ""))
            self._has_open_line = not self._is_verbose

    def step(self, text: str) -> None:
        """What of the phase is done: a step of a build."""
        self._step = text
        if self._is_verbose and not self._is_quiet:
            self._write(f"  {visible(text)}\n")

    def clear(self) -> None:
        """Takes the line off the terminal; ends the line of a phase elsewhere."""
        self._end_line()
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _end_line(self) -> None:
        if self._has_open_line:
            self._has_open_line = False
            self._write(f" {time.monotonic() - self._began:.1f} s\n")

    def _what(self) -> str:
        return visible(f"{self._file}: {self._phase}" if self._file else self._phase)

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()

    def _draw(self) -> None:
        if self._live is None:
            self._live = _live_line(self._stream, self._line)
            self._live.start()

    def _line(self) -> Text:
        """The line as it is now: the time first, so that a narrow terminal cuts off the step."""
        from rich.text import Text

        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{time.monotonic() - self._began:5.0f} s  ", style="bold")
        line.append(self._what())
        if self._step:
            line.append(f"  {visible(self._step)}", style="dim")
        return line


def _can_be_drawn(stream: TextIO) -> bool:
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # closed
        return False


def _live_line(stream: TextIO, line: Callable[[], Text]) -> Live:
    from rich.console import Console
    from rich.live import Live

    class CursorStays(Console):
        """A console that leaves the cursor as it is: a program that is killed can't bring it back."""

        def show_cursor(self, show: bool = True) -> bool:
            return False

    color = use_color(stream)
    console = CursorStays(
        file=stream, force_terminal=True, no_color=not color, markup=False, emoji=False, highlight=False
    )
    return Live(
        console=console,
        get_renderable=line,
        refresh_per_second=REDRAWS,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
