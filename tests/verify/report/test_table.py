"""What a person reads on a terminal, letter by letter."""

from __future__ import annotations

import io
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from dockerslim.verify.report.screen import Screen
from dockerslim.verify.report.table import render_file, render_summary, render_text
from dockerslim.verify.report.words import checks_shown
from dockerslim.verify.verification import Comparison, Difference, Verification
from tests.verify.report.made_up import (
    ALL,
    DIFFERS,
    FAILS,
    HARMFUL,
    IDLE,
    LARGE,
    LEFT_OUT,
    SAME,
    UNKNOWN,
)

PAGE = Screen()
TERMINAL = Screen(100, color=True, is_plain=False)


def lines(text: str) -> str:
    return textwrap.dedent(text.removeprefix("\n"))


def below_the_table(text: str) -> str:
    return textwrap.dedent(text.rpartition("\n\n")[2])


def test_same() -> None:
    assert render_file(SAME, PAGE) == lines("""
        api/Dockerfile: behaves the same

                                                          before         after   gain
          ---------------------------------------------------------------------------------------
          size on disk                                    905 MB        9.9 MB   91 times smaller
          compressed, as pushed                           310 MB        4.0 MB   77 times smaller
          layers                                               9             3   6 fewer
          files                                           12,345         1,234   11,111 fewer
          OS packages                                        312             3   309 fewer
          shell                                        /bin/bash          none   gone
          package manager                                    apt          none   gone
          runs as                                           root   65532:65532   not root
          cold build                                      31.2 s        41.2 s   1.3 times slower
          rebuild after a source change (main.go)         31.6 s         0.9 s   35 times faster
          rebuild after a dependency change (go.mod)      40.1 s         5.1 s   7.9 times faster

          rewritten by go/split-stages, add-user
          compared: GET :8080/ 200, exit code 0
          note: the date in GET :8080/ differs
        """)


def test_differs() -> None:
    assert below_the_table(render_file(DIFFERS, PAGE)) == lines("""
        rewritten by go/split-stages
        differences:
          GET :8080/static/x.css: 200 before, 404 after
            --- before
            +++ after
            -body { color: red }
            +not found
          ENV LANG: C.UTF-8 before, not set after
        compared: GET :8080/ 200
        because of go/split-stages: GET :8080/static/x.css: 200 before, 404 after
          log: /logs/go-split-stages.log
        log: /logs/after.log
        """)


def test_left_out() -> None:
    text = render_file(LEFT_OUT, PAGE)

    assert text.startswith("web/Dockerfile: behaves the same without go/split-stages\n")
    assert below_the_table(text) == lines("""
        rewritten by add-user
        compared: GET :8080/ 200
        left out go/split-stages: GET :8080/static/x.css: 200 before, 404 after
          --- before
          +++ after
          -body { color: red }
          +not found
        runtime images tried:
          gcr.io/distroless/static: GET :8080/: 200 before, no answer after
          debian:12: same
        """)


def test_fails_the_same_way() -> None:
    assert render_file(FAILS, PAGE) == lines("""
        job/Dockerfile: fails the same way before and after, so nothing is proven

                             before     after   gain
          ------------------------------------------
          size on disk       5.0 MB    5.0 MB
          layers                  2         2
          shell             /bin/sh   /bin/sh
          package manager       apk       apk
          runs as              1000      1000

          rewritten by use-exec-form
          compared: exit code 1, output
        """)


def test_could_not_tell() -> None:
    assert render_file(UNKNOWN, PAGE) == lines("""
        old/Dockerfile: could not tell whether it behaves the same

          reason: the Dockerfile does not build as it is: `RUN make` failed with exit code 2
            = help: make it build, then verify again
          log: /logs/before.log
        """)


def test_only_the_original_was_built() -> None:
    text = render_file(replace(UNKNOWN, before=LARGE), PAGE)

    assert "                                       before\n" in text
    assert "  size on disk                           905 MB\n" in text
    assert "   gain" not in text


def test_nothing_to_do() -> None:
    assert render_file(IDLE, PAGE) == "done/Dockerfile: nothing to do\n"


def test_summary() -> None:
    assert render_summary(ALL, PAGE) == lines("""
        file              before    after   smaller    behaviour
        -----------------------------------------------------------------
        api/Dockerfile    905 MB   9.9 MB   91 times   same
        web/Dockerfile    905 MB   9.9 MB   91 times   differs
        web/Dockerfile    905 MB   905 MB              same
        job/Dockerfile    5.0 MB   5.0 MB              fails the same way
        old/Dockerfile                                 could not tell
        done/Dockerfile                                nothing to do

        6 files: 1 differs, 1 could not tell, 1 fails the same way, 2 same, 1 nothing to do
        """)


def test_several_files_have_a_summary_and_one_has_none() -> None:
    assert render_text([SAME], PAGE) == render_file(SAME, PAGE)
    assert render_text([SAME, IDLE], PAGE) == "\n".join(
        [render_file(SAME, PAGE), render_file(IDLE, PAGE), render_summary([SAME, IDLE], PAGE)]
    )
    assert render_text([], PAGE) == ""


@pytest.mark.parametrize("width", [1, 20, 80, 500])
def test_a_path_is_never_cut(width: int) -> None:
    path = "services/" + "very/" * 40 + "deep/index.ts"
    report = replace(SAME, shown=path, source_file=path, logs=(Path(path),))
    text = render_text([report, report], replace(PAGE, width=width))

    assert text.count(path) == 8
    if width < 500:
        assert f"\n  source change: {path}\n  dependency change: go.mod\n" in text


def test_a_terminal_gets_a_line_and_colors_and_the_same_words() -> None:
    text = render_file(SAME, TERMINAL)

    assert "\u2500\u2500\u2500" in text
    assert text.startswith("\x1b[1mapi/Dockerfile\x1b[0m: \x1b[1;32mbehaves the same\x1b[0m\n")
    assert "\x1b[32m91 times smaller\x1b[0m" in text
    assert "\x1b[33m1.3 times slower\x1b[0m" in text
    assert "\x1b" not in render_file(SAME, replace(TERMINAL, color=False))


@pytest.mark.parametrize("verification", ALL, ids=lambda v: v.verdict)
def test_a_page_is_ascii_and_has_no_blanks_at_the_ends_of_lines(verification: Verification) -> None:
    text = render_file(verification, PAGE)

    assert text.isascii()
    assert [line for line in text.split("\n") if line != line.rstrip()] == []


def test_no_text_of_a_project_does_more_than_to_be_read() -> None:
    text = render_text([HARMFUL, HARMFUL], PAGE)

    assert all(line.isprintable() for line in text.split("\n"))
    assert text.count("\\x1b[31m[bold]a|b`c</summary><img src=x>\\n@someone") >= 30
    assert "\\u202e\\xe9" in text
    assert text.count("\n") < 80


def test_what_is_long_or_much_is_cut() -> None:
    difference = Difference("x" * 5_000, "a", "b", "\n".join(map(str, range(1_000))))
    comparison = Comparison("differs", (difference,), (), tuple(map(str, range(100))))
    text = render_file(replace(DIFFERS, comparison=comparison, culprits=()), PAGE)

    assert "      39\n      ... 960 more lines\n" in text
    assert "  compared: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 88 more\n" in text
    assert max(map(len, text.split("\n"))) < 1_100


class Stream(io.StringIO):
    def __init__(self, encoding: str, is_terminal: bool) -> None:
        super().__init__()
        self._encoding = encoding
        self._is_terminal = is_terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize(
    ("encoding", "is_terminal", "is_plain"),
    [
        ("utf-8", True, False),
        ("UTF8", True, False),
        ("latin-1", True, True),
        ("utf-8", False, True),
        ("no", True, True),
    ],
)
def test_screen(encoding: str, is_terminal: bool, is_plain: bool) -> None:
    assert Screen.of(Stream(encoding, is_terminal)).is_plain is is_plain


def test_screen_of_a_closed_stream() -> None:
    stream = Stream("utf-8", False)
    stream.close()

    assert Screen.of(io.StringIO()) == Screen.of(stream) == Screen()


def test_requests_are_left_out_before_other_checks() -> None:
    checks = ("port 80 open", *(f"GET :80/{number} 200" for number in range(20)), "runs as root", "output")
    shown = checks_shown(checks)

    assert shown[:2] == ["port 80 open", "GET :80/0 200"]
    assert shown[-3:] == ["11 more requests", "runs as root", "output"]


def test_why_there_is_nothing_to_do() -> None:
    idle = Verification("a/Dockerfile", "same", nothing_to_do=True, reason="a template")
    assert render_file(idle, PAGE) == "a/Dockerfile: nothing to do (a template)\n"
