"""The document: it prints back, its spans cut what they name, and it knows stages, comments and directives."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dockerslim.dockerfile import Dockerfile, Instruction
from tests.dockerfile.dockerfile_texts import dockerfile_texts


def parse(text: str) -> Dockerfile:
    return Dockerfile.parse(text.encode("utf-8", "surrogateescape"))


# --- what holds for any text


@settings(deadline=None)
@given(st.binary())
@example(b"\xef\xbb\xbf")
@example(b"FROM a\nRUN <<EOF")
@example(b"\\")
def test_prints_back_any_bytes(data: bytes) -> None:
    assert Dockerfile.parse(data).data == data


@settings(deadline=None)
@given(dockerfile_texts())
def test_prints_back(text: str) -> None:
    assert parse(text).text == text


@settings(deadline=None)
@given(dockerfile_texts() | st.text())
def test_spans_are_ordered_and_cut_what_they_name(text: str) -> None:
    dockerfile = parse(text)
    end = 0
    for instruction in dockerfile.instructions:
        assert end <= instruction.block_start <= instruction.span.start <= instruction.span.end <= len(dockerfile.text)
        assert dockerfile.position(instruction.span.start).line == instruction.first_line
        assert dockerfile.position(instruction.span.end).line == instruction.last_line
        check_parts(instruction, dockerfile.text)
        end = instruction.span.end


def check_parts(instruction: Instruction, text: str) -> None:
    written = instruction.keyword_span.cut(text)
    assert "\n" in written or written.upper() == instruction.keyword or written == instruction.keyword
    end = instruction.keyword_span.end
    for flag in instruction.flags:
        assert end <= flag.span.start < flag.span.end
        end = flag.span.end
    if instruction.value:
        assert end <= instruction.arguments_span.start
    if instruction.json is None:
        for word in instruction.words:
            assert "\n" in word.span.cut(text) or word.span.cut(text) == word.text
    end = max(end, instruction.arguments_span.end)
    for heredoc in instruction.heredocs:
        assert end <= heredoc.body.start <= heredoc.body.end == heredoc.terminator.start
        assert text[heredoc.body.start - 1] == "\n"
        end = heredoc.terminator.end
    assert end <= instruction.span.end
    for comment in (*instruction.leading_comments, *instruction.inner_comments):
        assert comment.cut(text).startswith("#")
        assert "\n" not in comment.cut(text)


@settings(deadline=None)
@given(dockerfile_texts())
def test_derived_views_never_raise(text: str) -> None:
    dockerfile = parse(text)
    for instruction in dockerfile.instructions:
        assert instruction.assignments is not None
        assert instruction.sources is not None
    for stage in dockerfile.stages:
        assert stage.span.start <= stage.from_.span.start
    assert dockerfile.newline in ("\n", "\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "x " * 32_000 + "\n",
        "# escape=" + " " * 60_000 + "x\nFROM a\n",
        "#" + " " * 60_000 + "=\nFROM a\n",
        "FROM a\nRUN <<" + " " * 60_000 + "\n",
        "FROM a\nRUN <<E ${" + "x:-${" * 10_000 + "\n",
        "FROM a\nCMD " + "[" * 60_000 + "\n",
        "FROM a\nONBUILD " * 1 + "ONBUILD " * 8_000 + "RUN x\n",
        "FROM a\nENV " + "'\"" * 30_000 + "\n",
        "# note\n" * 50_000 + "FROM a\n",
        "FROM a\nRUN a \\\n" + "# note\n" * 50_000 + "b\n",
        "FROM a\nRUN --mount=" + '"' * 60_000 + "\n",
        "FROM a\nHEALTHCHECK --interval=" + "0" * 60_000 + "s CMD x\n",
        "FROM a\nHEALTHCHECK --retries=" + "0" * 60_000 + " CMD x\n",
        "FROM a\nCMD [" + "1" * 60_000 + "]\n",
    ],
    ids=range(14),
)
def test_is_quick_on_what_is_made_to_be_slow(text: str) -> None:
    start = time.perf_counter()
    assert parse(text).text == text
    assert time.perf_counter() - start < 2


def test_substitutions_without_end_are_refused() -> None:
    problem = parse("FROM a\nRUN <<E " + "${x:-" * 5_000 + "}" * 5_000 + "\nE\n").problem
    assert problem is not None
    assert "nested" in problem.message
    assert sys.getrecursionlimit() <= 5_000


# --- parts


def test_stages() -> None:
    dockerfile = parse("ARG V=1\nFROM a:$V AS Build\nRUN x\nFROM build\nCOPY --from=0 /x /\nCMD a\nCMD b\n")
    build, final = dockerfile.stages

    assert (build.name, build.base, build.index) == ("build", "a:$V", 0)
    assert (final.name, final.base, final.index) == (None, "build", 1)
    assert dockerfile.final_stage is final
    assert [i.value for i in dockerfile.global_arguments] == ["V=1"]
    assert dockerfile.stage_named("BUILD") is build
    assert dockerfile.stage_named("0") is build
    assert dockerfile.stage_named("build", before=0) is None
    assert dockerfile.stage_named("other") is None
    assert [i.value for i in final.all("CMD", "COPY")] == ["/x /", "a", "b"]
    last = final.last("CMD")
    assert last is not None
    assert last.value == "b"
    assert build.span.cut(dockerfile.text) == "FROM a:$V AS Build\nRUN x"


def test_leading_comments_end_at_blank_lines_and_instructions() -> None:
    dockerfile = parse("# floats\n\n# one\n  # two\nFROM a\n# three\nRUN x\nRUN y\n")
    comments = [[span.cut(dockerfile.text) for span in i.leading_comments] for i in dockerfile.instructions]
    assert comments == [["# one", "# two"], ["# three"], []]


def test_a_directive_is_no_comment_of_the_instruction_below() -> None:
    dockerfile = parse("# syntax=docker/dockerfile:1\n# note\nFROM a\n")
    (from_,) = dockerfile.instructions
    assert [span.cut(dockerfile.text) for span in from_.leading_comments] == ["# note"]

    (from_,) = parse("# escape=`\nFROM a\n").instructions
    assert from_.block_start == from_.span.start


@pytest.mark.parametrize(
    ("text", "name", "value", "written"),
    [
        ("# syntax=a/b:1 x\nFROM a\n", "syntax", "a/b:1 x", "a/b:1 x"),
        ("#SYNTAX = a\nFROM a\n", "syntax", "a", "a"),
        ("\ufeff# syntax=a\r\nFROM a\n", "syntax", "a", "a"),
        ("# check=skip=all\n# escape=`\nFROM a\n", "escape", "`", "`"),
        ("# syntax= \nFROM a\n", "syntax", " ", " "),
    ],
)
def test_directives(text: str, name: str, value: str, written: str) -> None:
    dockerfile = parse(text)
    directive = dockerfile.directive(name)
    assert directive is not None
    assert directive.value == value
    assert directive.value_span.cut(dockerfile.text) == written


@pytest.mark.parametrize(
    "text",
    [
        "# note\n# syntax=a\nFROM a\n",
        "\n# syntax=a\nFROM a\n",
        "FROM a\n# syntax=a\n",
        "# syntax\nFROM a\n",
        "# syntax=\nFROM a\n",
    ],
)
def test_no_directive(text: str) -> None:
    assert parse(text).directives == ()


def test_newline_is_that_of_most_lines() -> None:
    assert parse("FROM a\r\nRUN x\r\nRUN y\n").newline == "\r\n"
    assert parse("FROM a\r\nRUN x\nRUN y\n").newline == "\n"
    assert parse("FROM a").newline == "\n"


def test_positions_count_characters_and_no_byte_order_mark() -> None:
    dockerfile = parse("\ufeffFROM a\nENV \u00e9=1 b=2\n")
    from_, env = dockerfile.instructions
    assert (dockerfile.position(from_.span.start).line, dockerfile.position(from_.span.start).column) == (1, 1)
    assert dockerfile.position(env.assignments[1].span.start).column == 9


def test_spans_across_continuations() -> None:
    dockerfile = parse("FROM a\nRUN --mount=type=ca\\\nche,target=/x ec\\\n# note\nho hi\n")
    run = dockerfile.instructions[1]
    assert run.flags[0].value == "type=cache,target=/x"
    assert run.flags[0].span.cut(dockerfile.text) == "--mount=type=ca\\\nche,target=/x"
    assert run.words[0].text == "echo"
    assert run.words[0].span.cut(dockerfile.text) == "ec\\\n# note\nho"
    assert [span.cut(dockerfile.text) for span in run.inner_comments] == ["# note"]


@pytest.mark.parametrize(
    ("length", "is_fine"),
    [(65_535, True), (65_536, False)],
)
def test_longest_line(length: int, is_fine: bool) -> None:
    line = "RUN " + "a" * (length - 4)
    assert (parse("FROM a\n" + line).problem is None) == is_fine
    assert (parse("FROM a\n" + line + "\n").problem is None) == is_fine
    assert (parse(f"FROM a\nRUN <<EOF\n{line}\nEOF\n").problem is None) == is_fine
