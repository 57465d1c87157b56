"""What a person reads, letter by letter."""

from __future__ import annotations

import io
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.output.color import use_color
from dockerslim.output.report import (
    Counts,
    Message,
    Position,
    render,
    render_counts,
    render_error,
    render_internal_error,
    render_skip,
)
from dockerslim.output.snippet import snippet
from dockerslim.output.terminal_text import columns, visible


def skip(text: str, start: Position, end: Position, width: int = 100) -> list[str]:
    return render_skip("why", "id", "Dockerfile", text, start, end, "note", "help", width).splitlines()


def test_refusal() -> None:
    text = "FROM golang:1.23\n" + "\n" * 5 + "RUN ./deploy/prepare.sh && go build -o /bin/api .\nCMD x\n"
    got = render_skip(
        "what `./deploy/prepare.sh` writes is not known",
        "go/split-stages",
        "services/api/Dockerfile",
        text,
        (7, 5),
        (7, 24),
        "the runtime stage may need files from here",
        "build without the script, or split by hand and copy what it makes",
    )
    assert got == textwrap.dedent("""\
        skipped[go/split-stages]: what `./deploy/prepare.sh` writes is not known
          --> services/api/Dockerfile:7:5
           |
         7 | RUN ./deploy/prepare.sh && go build -o /bin/api .
           |     ^^^^^^^^^^^^^^^^^^^ the runtime stage may need files from here
           |
           = help: build without the script, or split by hand and copy what it makes
        """)


def test_margin_is_as_wide_as_the_number() -> None:
    assert skip("\n" * 122 + "VOLUME /data\n", (123, 1), (123, 13)) == [
        "skipped[id]: why",
        "    --> Dockerfile:123:1",
        "     |",
        " 123 | VOLUME /data",
        "     | ^^^^^^^^^^^^ note",
        "     |",
        "     = help: help",
    ]


def test_tabs_and_what_stands_before_the_mark() -> None:
    assert skip("RUN\ta\tb\r\n", (1, 7), (1, 8))[3:5] == [
        " 1 | RUN    a    b",
        "   |             ^ note",
    ]


def test_several_lines_show_the_first() -> None:
    assert skip("RUN a && \\ \n  b\n", (1, 5), (2, 4))[3:5] == [
        " 1 | RUN a && \\",
        "   |     ^^^^^^ note",
    ]


def test_wide_and_combining_characters() -> None:
    line = "# \u65e5\u672c e\u0301 X"
    assert skip(line, (1, 9), (1, 10))[3:5] == [f" 1 | {line}", "   |          ^ note"]
    assert skip(line, (1, 3), (1, 5))[4] == "   |   ^^^^ note"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("a\rb", "a\\rb"),
        ("a\x9b31m", "a\\x9b31m"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("a\u200bb\u2028", "a\\u200bb\\u2028"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("a\x00\x0c\x7f", "a\\x00\\x0c\\x7f"),
        ("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c"),
    ],
)
def test_no_control_character_reaches_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown
    got = render_skip(text, text, text, text, (1, 1), (1, 2), text, text)
    assert got.count(shown) == 6
    assert all(line.isprintable() for line in got.split("\n"))


@pytest.mark.parametrize(("start", "end"), [(0, 3), (500, 520), (997, 1000), (500, 900), (1000, 1000)])
def test_long_line_is_cut_around_the_mark(start: int, end: int) -> None:
    line = "".join(chr(ord("a") + n % 26) for n in range(1000))
    got = snippet(line, start, end, 60)
    assert len(got.line) <= 60
    assert got.line.startswith("...") == (start > 0)
    assert got.line.endswith("...") == (end < 1000)
    marked = got.line[got.mark_start : got.mark_start + got.mark_columns]
    assert line[start:end].startswith(marked)
    assert len(marked) == min(end - start, 54)


def test_very_long_line_is_quick() -> None:
    line = "x" * 5_000_000
    assert len(snippet(line, 2_500_000, 4_000_000, 80).line) <= 80


@given(st.text(max_size=80), st.integers(-3, 90), st.integers(-3, 90), st.integers(0, 60))
def test_any_line_fits(line: str, start: int, end: int, width: int) -> None:
    got = snippet(line, start, end, width)
    assert columns(got.line) <= max(width, 20)
    assert got.line.isprintable() or any(not c.isprintable() and visible(c) == c for c in line)
    assert got.mark_columns >= 1


@given(
    st.text(max_size=60),
    st.tuples(st.integers(-1, 9), st.integers(-1, 90)),
    st.tuples(st.integers(-1, 9), st.integers(-1, 90)),
)
def test_nothing_raises(text: str, start: Position, end: Position) -> None:
    assert skip(text, start, end)


def test_nothing_to_mark() -> None:
    assert skip("FROM a\n", (9, 1), (9, 2)) == [
        "skipped[id]: why",
        "  --> Dockerfile:9:1",
        "   = note: note",
        "   = help: help",
    ]
    assert skip("VOLUME\n", (1, 7), (1, 7))[3:5] == [" 1 | VOLUME", "   |       ^ note"]


def test_errors() -> None:
    assert render_error("Dockerfile does not exist", "check the path") == (
        "error: Dockerfile does not exist\n   = help: check the path\n"
    )
    assert render_error("unknown instruction `FORM`", path="D", text="FORM a\n", start=(1, 1), end=(1, 5)) == (
        "error: unknown instruction `FORM`\n  --> D:1:1\n   |\n 1 | FORM a\n   | ^^^^\n"
    )
    assert render_internal_error("split-stages", "Dockerfile", "KeyError: 'x'") == (
        "internal error in `split-stages`: Dockerfile is left as it is without it\n"
        "   = note: KeyError: 'x'\n"
        "   = help: report it with the file; --verbose shows where it happened\n"
    )


def test_color() -> None:
    plain = render_skip("why", "id", "D", "RUN a\n", (1, 1), (1, 4), "note", "help")
    colored = render_skip("why", "id", "D", "RUN a\n", (1, 1), (1, 4), "note", "help", color=True)
    assert "\x1b[" not in plain
    assert colored.startswith("\x1b[1;33mskipped[id]\x1b[0m: \x1b[1mwhy\x1b[0m\n")
    assert render(Message("error", "why"), color=True) == "\x1b[1;31merror\x1b[0m: \x1b[1mwhy\x1b[0m\n"


@pytest.mark.parametrize(
    ("counts", "written", "text"),
    [
        (Counts(2, 14, 0, 1), False, "2 files would change, 1 skipped, 14 unchanged\napply with --write\n"),
        (Counts(1), False, "1 file would change\napply with --write\n"),
        (Counts(1, 0, 2), True, "1 file changed, 2 failed\n"),
        (Counts(0, 3), False, "0 files would change, 3 unchanged\n"),
    ],
)
def test_counts(counts: Counts, written: bool, text: str) -> None:
    assert render_counts(counts, written=written) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "terminal", "colored"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": "0", "TERM": "xterm"}, True, False),
        ({"FORCE_COLOR": "", "TERM": "xterm"}, False, False),
    ],
)
def test_when_to_color(environ: dict[str, str], terminal: bool, colored: bool) -> None:
    assert use_color(Terminal() if terminal else io.StringIO(), environ) is colored


def test_closed_stream_is_not_colored() -> None:
    stream = io.StringIO()
    stream.close()
    assert use_color(stream, {}) is False
