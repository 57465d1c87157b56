"""A table drawn by rich into lines, as wide as what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from dockerslim.output.terminal_text import visible
from dockerslim.verify.report.screen import Screen

if TYPE_CHECKING:
    from rich.box import Box
    from rich.table import Table

WIDEST = 100_000
"""Columns: no cell is ever cut or wrapped."""


class CellTable:
    """Cells are texts as they are: nothing in them is markup, and none of them moves the cursor."""

    def __init__(self, names: Sequence[str], screen: Screen, to_the_right: frozenset[str] = frozenset()) -> None:
        from rich.table import Table
        from rich.text import Text

        self._screen = screen
        self._table = Table(box=_head_line(screen), show_edge=False, pad_edge=False, header_style="bold")
        for name in names:
            self._table.add_column(Text(name), justify="right" if name in to_the_right else "left", no_wrap=True)

    def add(self, *cells: str, last_style: str = "") -> None:
        """A row; the last cell in that style."""
        from rich.text import Text

        *first, last = map(visible, cells)
        self._table.add_row(*map(Text, first), Text(last, style=last_style))

    def lines(self) -> list[str]:
        """The drawn lines, without blanks at their ends."""
        return _drawn(self._table, self._screen)


def _head_line(screen: Screen) -> Box:
    """A line below the head and nothing else."""
    from rich.box import SIMPLE_HEAD, Box

    if not screen.is_plain:
        return SIMPLE_HEAD
    return Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def _drawn(table: Table, screen: Screen) -> list[str]:
    from rich.console import Console
    from rich.measure import Measurement

    stream = StringIO()
    console = Console(
        file=stream,
        width=WIDEST,
        force_terminal=screen.color,
        color_system="standard" if screen.color else None,
        no_color=not screen.color,
        legacy_windows=False,
        safe_box=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.width = Measurement.get(console, console.options, table).maximum
    console.print(table)
    return [line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n")]
