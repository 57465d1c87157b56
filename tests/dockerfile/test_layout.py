"""Edits that keep a file's layout."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dockerslim.dockerfile import Dockerfile, Edit, apply_edits
from dockerslim.dockerfile.layout import (
    add_mounts,
    block_text,
    cased,
    continuation_indent,
    insert_after,
    insert_before,
    instruction_text,
    is_lower_case,
    remove,
    remove_all,
    remove_command,
    remove_commands,
)
from dockerslim.dockerfile.shell import run_script

CACHE = "--mount=type=cache,target=/c"
OTHER = "--mount=type=cache,target=/o"


def parse(text: str) -> Dockerfile:
    return Dockerfile.parse(text.encode())


def applied(dockerfile: Dockerfile, edits: Edit | Sequence[Edit]) -> str:
    return apply_edits(dockerfile.text, [edits] if isinstance(edits, Edit) else edits, dockerfile.newline)[0]


# --- whole instructions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN x\n", "FROM a\nUSER 1\nRUN x\n"),
        ("FROM a\n# note\n  # more\nRUN x\n", "FROM a\nUSER 1\n# note\n  # more\nRUN x\n"),
        ("FROM a\n\nRUN x", "FROM a\n\nUSER 1\nRUN x"),
        ("FROM a\r\n  RUN x\r\n", "FROM a\r\nUSER 1\r\n  RUN x\r\n"),
        ("from a\nrun x\n", "from a\nuser 1\nrun x\n"),
    ],
)
def test_insert_before(text: str, expected: str) -> None:
    dockerfile = parse(text)
    assert applied(dockerfile, insert_before(dockerfile, dockerfile.instructions[1], "USER 1\n")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffFROM a\n", "\ufeffARG A\nFROM a\n"),
        ("\ufeff# note\nFROM a\n", "\ufeffARG A\n# note\nFROM a\n"),
        ("# syntax=x\nFROM a\n", "# syntax=x\nARG A\nFROM a\n"),
    ],
)
def test_insert_before_the_first(text: str, expected: str) -> None:
    dockerfile = parse(text)
    assert applied(dockerfile, insert_before(dockerfile, dockerfile.instructions[0], "ARG A\n")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN x\n\n# note\nCMD y\n", "FROM a\nRUN x\nUSER 1\n\n# note\nCMD y\n"),
        ("FROM a\nRUN x", "FROM a\nRUN x\nUSER 1"),
        ("FROM a\r\nRUN x", "FROM a\r\nRUN x\r\nUSER 1"),
        ("FROM a\nRUN x  \n", "FROM a\nRUN x  \nUSER 1\n"),
        ("FROM a\nRUN <<EOF\nx\nEOF\n", "FROM a\nRUN <<EOF\nx\nEOF\nUSER 1\n"),
        ("FROM a\nRUN <<EOF\nx\nEOF", "FROM a\nRUN <<EOF\nx\nEOF\nUSER 1"),
        ("FROM a\nRUN x \\\n  y\n", "FROM a\nRUN x \\\n  y\nUSER 1\n"),
    ],
)
def test_insert_after(text: str, expected: str) -> None:
    dockerfile = parse(text)
    assert applied(dockerfile, insert_after(dockerfile, dockerfile.instructions[1], "USER 1\n")) == expected


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        ("FROM a\nRUN x\nCMD y\n", 1, "FROM a\nCMD y\n"),
        ("FROM a\n# note\nRUN x\nCMD y\n", 1, "FROM a\nCMD y\n"),
        ("FROM a\n\nRUN x\n\nCMD y\n", 1, "FROM a\n\nCMD y\n"),
        ("FROM a\n\nRUN x\nCMD y\n", 1, "FROM a\n\nCMD y\n"),
        ("FROM a\nRUN x\n\nCMD y\n", 1, "FROM a\n\nCMD y\n"),
        ("FROM a\n\n\nRUN x\n\nCMD y\n", 1, "FROM a\n\n\nCMD y\n"),
        ("FROM a\n\nRUN x\n\n\nCMD y\n", 1, "FROM a\n\n\nCMD y\n"),
        ("FROM a\n# floats\n\n# note\nRUN x\n\nCMD y\n", 1, "FROM a\n# floats\n\nCMD y\n"),
        ("FROM a\nRUN x \\\n  # note\n  y\nCMD y\n", 1, "FROM a\nCMD y\n"),
        ("FROM a\nRUN <<EOF\n\nEOF\nCMD y\n", 1, "FROM a\nCMD y\n"),
        ("FROM a\r\n\r\nRUN x\r\n\r\nCMD y\r\n", 1, "FROM a\r\n\r\nCMD y\r\n"),
        # last
        ("FROM a\nRUN x\nCMD y\n", 2, "FROM a\nRUN x\n"),
        ("FROM a\nRUN x\n\nCMD y\n", 2, "FROM a\nRUN x\n"),
        ("FROM a\nRUN x\n\nCMD y\n\n", 2, "FROM a\nRUN x\n"),
        ("FROM a\nRUN x\nCMD y", 2, "FROM a\nRUN x"),
        ("FROM a\nRUN x\n\n# note\nCMD y", 2, "FROM a\nRUN x"),
        ("FROM a\r\nRUN x\r\nCMD y", 2, "FROM a\r\nRUN x"),
        ("FROM a\nRUN x\nCMD y\n# end\n", 2, "FROM a\nRUN x\n# end\n"),
        # first
        ("ARG A\nFROM a\n", 0, "FROM a\n"),
        ("ARG A\n\nFROM a\n", 0, "FROM a\n"),
        ("\ufeffARG A\n\nFROM a\n", 0, "\ufeffFROM a\n"),
        ("\ufeff# note\nARG A\nFROM a\n", 0, "\ufeffFROM a\n"),
        ("# syntax=x\nARG A\nFROM a\n", 0, "# syntax=x\nFROM a\n"),
        ("# floats\n\nARG A\n\nFROM a\n", 0, "# floats\n\nFROM a\n"),
    ],
)
def test_remove(text: str, index: int, expected: str) -> None:
    dockerfile = parse(text)
    assert applied(dockerfile, remove(dockerfile, dockerfile.instructions[index])) == expected


def test_remove_may_leave_the_comments() -> None:
    dockerfile = parse("FROM a\n# note\nRUN x\nCMD y\n")
    assert applied(dockerfile, remove(dockerfile, dockerfile.instructions[1], with_comments=False)) == (
        "FROM a\n# note\nCMD y\n"
    )


@pytest.mark.parametrize(
    ("text", "indexes", "expected"),
    [
        ("FROM a\n\nEXPOSE 1\nENV A=1\n\nCMD y\n", (1, 2), "FROM a\n\nCMD y\n"),
        ("FROM a\n\nEXPOSE 1\n\nENV A=1\n\nCMD y\n", (2, 1), "FROM a\n\nCMD y\n"),
        ("FROM a\n\nEXPOSE 1\n# note\nENV A=1\n\nCMD y\n", (1, 2), "FROM a\n\nCMD y\n"),
        ("FROM a\n\nEXPOSE 1\n\n# floats\n\nENV A=1\n\nCMD y\n", (1, 2), "FROM a\n\n# floats\n\nCMD y\n"),
        ("FROM a\n\nEXPOSE 1\n\nRUN x\n\nENV A=1\n\nCMD y\n", (1, 3), "FROM a\n\nRUN x\n\nCMD y\n"),
        ("FROM a\r\n\r\nEXPOSE 1\r\n\r\nENV A=1\r\n", (1, 2), "FROM a\r\n"),
        ("FROM a\nEXPOSE 1\n\nENV A=1", (1, 2), "FROM a"),
        ("FROM a\n", (), "FROM a\n"),
    ],
)
def test_remove_all(text: str, indexes: tuple[int, ...], expected: str) -> None:
    dockerfile = parse(text)
    edits = remove_all(dockerfile, [dockerfile.instructions[index] for index in indexes])
    assert applied(dockerfile, edits) == expected


@pytest.mark.parametrize(
    ("text", "block", "alone"),
    [
        ("FROM a\n# note\n  RUN x \\\n  y\n", "# note\n  RUN x \\\n  y\n", "  RUN x \\\n  y\n"),
        ("FROM a\r\n# note\r\nRUN x\r\n", "# note\nRUN x\n", "RUN x\n"),
        ("FROM a\nRUN x", "RUN x\n", "RUN x\n"),
        # an escape that the end of the file left open would glue on what comes below
        ("FROM a\nRUN x \\", "RUN x\n", "RUN x\n"),
        ("FROM a\nRUN x \\\n# last\n", "RUN x\n", "RUN x\n"),
        ("FROM a\nRUN <<EOF\nx \\\nEOF\n", "RUN <<EOF\nx \\\nEOF\n", "RUN <<EOF\nx \\\nEOF\n"),
    ],
)
def test_text_of_an_instruction(text: str, block: str, alone: str) -> None:
    dockerfile = parse(text)
    assert block_text(dockerfile, dockerfile.instructions[1]) == block
    assert instruction_text(dockerfile, dockerfile.instructions[1]) == alone


def test_text_is_without_the_byte_order_mark() -> None:
    dockerfile = parse("\ufeff# note\nFROM a\n")
    assert block_text(dockerfile, dockerfile.instructions[0]) == "# note\nFROM a\n"


# --- casing and indentation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a AS b\nRUN x\n", "from a as b\nrun x\n"),
        ("# note\nCOPY <<EOF /x\nRUN x\nEOF\nCMD y\n", "# note\ncopy <<EOF /x\nRUN x\nEOF\ncmd y\n"),
        ("RUN A \\\n  && B\n", "run A \\\n  && B\n"),
    ],
)
def test_cased(text: str, expected: str) -> None:
    lower, upper = parse("from a\nrun x\nCMD y\n"), parse("FROM a\nrun x\n")
    assert (is_lower_case(lower), is_lower_case(upper)) == (True, False)
    assert cased(text, lower) == expected
    assert cased(text, upper) == text


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("FROM a as x\nFROM b as y\nFROM c AS z\n", "FROM a as b\n"),
        ("FROM a as x\nFROM b AS y\n", "FROM a AS b\n"),
        ("from a AS x\nrun y\n", "from a AS b\n"),
        ("from a\nrun y\n", "from a as b\n"),
        ("FROM a\nRUN y\n", "FROM a AS b\n"),
    ],
)
def test_stages_are_named_as_the_file_does(file: str, expected: str) -> None:
    assert cased("FROM a AS b\n", parse(file)) == expected


@pytest.mark.parametrize(
    ("text", "indent"),
    [
        ("FROM a\n", "    "),
        ("FROM a\nRUN x \\\n\ty\n", "\t"),
        ("FROM a\nRUN x \\\n  y \\\n  z \\\n      u\n", "  "),
        ("FROM a\nRUN x \\\ny\n", "    "),
        ("FROM a\nRUN <<EOF\n  x\n  y\nEOF\n", "    "),
    ],
)
def test_continuation_indent(text: str, indent: str) -> None:
    assert continuation_indent(parse(text)) == indent


# --- mounts


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RUN x", f"RUN {CACHE} \\\n    {OTHER} \\\n    x"),
        ("run x", f"run {CACHE} \\\n    {OTHER} \\\n    x"),
        ("  RUN   x", f"  RUN   {CACHE} \\\n    {OTHER} \\\n    x"),
        ("RUN x && \\\n  y", f"RUN {CACHE} \\\n  {OTHER} \\\n  x && \\\n  y"),
        ("RUN x && \\\n\ty", f"RUN {CACHE} \\\n\t{OTHER} \\\n\tx && \\\n\ty"),
        ("RUN \\\n  x", f"RUN {CACHE} \\\n  {OTHER} \\\n  x"),
        ("RUN \\\n  # note\n  x", f"RUN {CACHE} \\\n  {OTHER} \\\n  # note\n  x"),
        ("RUN --network=none x", f"RUN --network=none \\\n    {CACHE} \\\n    {OTHER} \\\n    x"),
        ("RUN --network=none \\\n  x", f"RUN --network=none \\\n  {CACHE} \\\n  {OTHER} \\\n  x"),
        ("RUN --a=1 \\\n  --b=2 \\\n  x", f"RUN --a=1 \\\n  --b=2 \\\n  {CACHE} \\\n  {OTHER} \\\n  x"),
        ("RUN # note", f"RUN {CACHE} \\\n    {OTHER} # note"),
        ("RUN", f"RUN {CACHE} \\\n    {OTHER}"),
        ('RUN ["x"]', f'RUN {CACHE} \\\n    {OTHER} \\\n    ["x"]'),
        ("RUN <<EOF\nx\nEOF", f"RUN {CACHE} \\\n    {OTHER} \\\n    <<EOF\nx\nEOF"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_add_mounts(line: str, expected: str, newline: str) -> None:
    text = f"FROM a\n{line}\n"
    dockerfile = parse(text.replace("\n", newline))
    run = dockerfile.instructions[1]
    after = applied(dockerfile, add_mounts(dockerfile, run, (CACHE, OTHER)))
    assert after == f"FROM a\n{expected}\n".replace("\n", newline)
    read = parse(after).instructions[1]
    assert [flag.value for flag in read.flags if flag.name == "mount"] == [
        "type=cache,target=/c",
        "type=cache,target=/o",
    ]
    assert (read.value.split(), read.json) == (run.value.split(), run.json)


def test_add_mounts_uses_the_files_escape() -> None:
    dockerfile = parse("# escape=`\nFROM a\nRUN x\n")
    after = applied(dockerfile, add_mounts(dockerfile, dockerfile.instructions[1], (CACHE,)))
    assert after == f"# escape=`\nFROM a\nRUN {CACHE} `\n    x\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RUN x", f"RUN {CACHE} \\\n    p && x"),
        ("RUN \\\n  x", f"RUN {CACHE} \\\n  p && x"),
        ("RUN --a=1 x", f"RUN --a=1 \\\n    {CACHE} \\\n    p && x"),
        ("RUN --a=1 \\\n  x", f"RUN --a=1 \\\n  {CACHE} \\\n  p && x"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_add_mounts_with_a_command_before(line: str, expected: str, newline: str) -> None:
    dockerfile = parse(f"FROM a\n{line}\n".replace("\n", newline))
    after = applied(dockerfile, add_mounts(dockerfile, dockerfile.instructions[1], (CACHE,), "p && "))
    assert after == f"FROM a\n{expected}\n".replace("\n", newline)


# --- commands


@pytest.mark.parametrize(
    ("line", "indexes", "expected"),
    [
        ("RUN a && b && c", (0,), "RUN b && c"),
        ("RUN a && b && c", (1,), "RUN a && c"),
        ("RUN a && b && c", (2,), "RUN a && b"),
        ("RUN a && b && c && d", (0, 1), "RUN c && d"),
        ("RUN a && b && c && d", (1, 2), "RUN a && d"),
        ("RUN a && b && c && d", (0, 2), "RUN b && d"),
        ("RUN a && b && c && d", (2, 3), "RUN a && b"),
        ("RUN a; b; c;", (1,), "RUN a; c;"),
        ("RUN a; b;", (1,), "RUN a;"),
        # the condition under which the next one runs stays
        ("RUN a; b && c", (1,), "RUN a; c"),
        ("RUN a && b; c", (1,), "RUN a; c"),
        ("RUN a && b; c", (0,), "RUN b; c"),
        ("RUN a && \\\n    b && \\\n    c", (1,), "RUN a && \\\n    c"),
        ("RUN a \\\n && b \\\n && c", (1,), "RUN a \\\n && c"),
        ("RUN a \\\n && b \\\n && c", (2,), "RUN a \\\n && b"),
        ("RUN a && \\\n    # of b\n    b && \\\n    # of c\n    c", (1,), "RUN a && \\\n    # of c\n    c"),
        ("RUN a && \\\n    # of b\n    b", (0,), "RUN \\\n    # of b\n    b"),
        ("RUN a && \\\n    b", (0,), "RUN b"),
        ("RUN a && b > f c && d", (1,), "RUN a && d"),
        ("RUN a \u00e9 && b \u00e9 && c", (1,), "RUN a \u00e9 && c"),
        ("RUN <<EOF\na\nb\nc\nEOF", (1,), "RUN <<EOF\na\nc\nEOF"),
        ("RUN <<EOF\na\n# of b\nb\nEOF", (0,), "RUN <<EOF\n# of b\nb\nEOF"),
        ("RUN <<EOF\na\n# of b\nb\nEOF", (1,), "RUN <<EOF\na\nEOF"),
        ("RUN a && (b) && c", (2,), "RUN a && (b)"),
        # gives up
        ("RUN a", (0,), None),
        ("RUN a && b", (0, 1), None),
        ("RUN a || b", (0,), None),
        ("RUN a || b", (1,), None),
        ("RUN a && b & c", (0,), "RUN b & c"),
        ("RUN a & b", (1,), None),
        ('RUN ["a"]', (0,), None),
    ],
)
def test_remove_commands(line: str, indexes: tuple[int, ...], expected: str | None) -> None:
    dockerfile = parse(f"FROM a\n{line}\nCMD x\n")
    script = run_script(dockerfile.instructions[1], dockerfile.text)
    commands = [part for n, part in enumerate(script.parts) if n in indexes and part in script.commands]
    edits = remove_commands(script, [c for c in script.commands if any(c is command for command in commands)])
    assert (None if edits is None else applied(dockerfile, edits)) == (
        None if expected is None else f"FROM a\n{expected}\nCMD x\n"
    )


def test_remove_command() -> None:
    dockerfile = parse("FROM a\nRUN a && b\n")
    script = run_script(dockerfile.instructions[1], dockerfile.text)
    first, second = script.commands
    edit = remove_command(script, second)
    assert edit is not None
    assert applied(dockerfile, edit) == "FROM a\nRUN a\n"
    other = run_script(dockerfile.instructions[1], dockerfile.text + "#")
    assert remove_command(run_script(parse("FROM a\nRUN c && d\n").instructions[1], ""), first) is None
    assert other.parts == script.parts
