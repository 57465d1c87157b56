"""`# dockerslim: ignore[id] reason`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerslim.case import Case
from dockerslim.dockerfile import Dockerfile, Edit, Instruction
from dockerslim.engine.transform import Fix, Skip, Transform
from tests.engine.cases import fix_of, run_on, transform_of


def _marking(case: Case) -> Iterator[Fix | Skip]:
    """Puts an `x` behind each RUN, and refuses each WORKDIR."""
    for instruction in case.dockerfile.instructions:
        end = instruction.span.end
        if instruction.keyword == "RUN" and not instruction.heredocs and "x" not in instruction.value:
            yield fix_of(end, end, "x")
        elif instruction.keyword == "WORKDIR":
            yield Skip(instruction.span, "no")


def marking() -> Transform:
    return transform_of(_marking, "mark-run").placed("go", "")


def marked(text: str) -> list[str]:
    """The RUNs that were changed."""
    result = run_on(text, marking())
    assert result.dropped == ()
    return [
        i.value.partition(" # ")[0].removesuffix("x")
        for i in _of(result.text)
        if i.keyword == "RUN" and i.value.endswith("x")
    ]


def _of(text: str) -> Iterator[Instruction]:
    yield from Dockerfile.of_text(text).instructions


@pytest.mark.parametrize(
    "comment",
    [
        "# dockerslim: ignore[mark-run] it is ours",
        "# dockerslim: ignore[go/mark-run]",
        "# dockerslim: ignore[add-user, mark-run] both",
        "# dockerslim: ignore",
        "# dockerslim: ignore because",
        "#dockerslim:ignore[mark-run]",
        "#  Dockerslim:  IGNORE [ mark-run ]  spaced",
    ],
)
def test_above_an_instruction(comment: str) -> None:
    assert marked(f"FROM a\nRUN 1\n{comment}\nRUN 2\nRUN 3\n") == ["1", "3"]
    assert marked(f"FROM a\nRUN 1\n# a word before\n{comment}\n# and after\nRUN 2\nRUN 3\n") == ["1", "3"]


@pytest.mark.parametrize(
    "comment",
    [
        "# dockerslim: ignore[add-user]",
        "# dockerslim: ignore[node/mark-run]",
        "# dockerslim: ignored",
        "# dockerslim: ignore-nothing",
        "# the word dockerslim is not enough",
    ],
)
def test_what_is_for_others(comment: str) -> None:
    assert marked(f"FROM a\n{comment}\nRUN 2\n") == ["2"]


def test_on_its_line() -> None:
    assert marked("FROM a\nRUN 1\nRUN 2 # dockerslim: ignore[mark-run] so\nRUN 3\n") == ["1", "3"]


def test_between_the_lines_of_an_instruction() -> None:
    assert marked("FROM a\nRUN 1 && \\\n# dockerslim: ignore[mark-run]\n  2\nRUN 3\n") == ["3"]


def test_above_from_it_is_for_the_stage() -> None:
    comment = "# dockerslim: ignore[mark-run]\n"

    assert marked(f"FROM a\nRUN 1\n\n{comment}FROM b\nRUN 2\nRUN 3\nFROM c\nRUN 4\n") == ["1", "4"]
    assert marked(f"{comment}FROM a\nRUN 1\nFROM b\nRUN 2\n") == ["2"]


@pytest.mark.parametrize(
    "top",
    [
        "# dockerslim: ignore[mark-run]\n\nFROM a\n",
        "# syntax=docker/dockerfile:1\n# dockerslim: ignore[mark-run]\n\nFROM a\n",
        "# dockerslim: ignore[mark-run]\nARG A=1\nFROM a\n",
        "\ufeff# dockerslim: ignore[mark-run]\n\nFROM a\n",
        "# about us\n\n# dockerslim: ignore[mark-run]\n\n# about a\nFROM a\n",
    ],
)
def test_at_the_top_it_is_for_the_file(top: str) -> None:
    text = f"{top}RUN 1\nWORKDIR /a\nFROM b\nRUN 2\n"

    assert marked(text) == []
    assert run_on(text, marking()).refusals == ()


def test_refusals_are_silent_too() -> None:
    text = "FROM a\nWORKDIR /a\n# dockerslim: ignore[mark-run]\nWORKDIR /b\n"

    [refusal] = run_on(text, marking()).refusals

    assert text[refusal.span.start : refusal.span.end] == "WORKDIR /a"


def test_crlf() -> None:
    assert marked("FROM a\r\nRUN 1\r\n# dockerslim: ignore[mark-run]\r\nRUN 2\r\n") == ["1"]


def test_a_fix_is_made_as_a_whole_or_not_at_all() -> None:
    def plan(case: Case) -> Iterator[Fix | Skip]:
        edits = tuple(Edit(i.arguments_span, "new") for i in case.dockerfile.instructions if i.value == "old")
        if edits:
            yield Fix(edits, why="for a test")

    text = "FROM a\nRUN old\n# dockerslim: ignore\nRUN old\n"

    assert run_on(text, transform_of(plan)).text == text


def test_the_text_of_a_heredoc_is_no_comment() -> None:
    assert marked("FROM a\nRUN <<EOF\n# dockerslim: ignore\nEOF\nRUN 2\n")[-1:] == ["2"]
