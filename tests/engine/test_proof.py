"""The proof that an edit did what it meant, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.dockerfile import Dockerfile, Edit, Span, apply_edits
from dockerslim.dockerfile.layout import add_mounts, insert_after, insert_before, remove, remove_all, remove_command
from dockerslim.dockerfile.shell import run_script
from dockerslim.engine.proof import misread

FILE = """\
# syntax=docker/dockerfile:1
# the base
FROM a AS build
# floats

# installs
RUN apt-get update && \\
    # what we need
    apt-get install -y x \\
    y
COPY <<EOF /hello
USER root
# text
EOF
ENV A=1 \\
    B=2
CMD ["x"]
"""


def verdict(text: str, edits: Sequence[Edit]) -> str | None:
    before = Dockerfile.parse(text.encode("utf-8", "surrogateescape"))
    after, origin = apply_edits(before.text, edits, before.newline)
    return misread(before, Dockerfile.of_text(after), edits, origin)


def replacing(text: str, old: str, new: str) -> Edit:
    """Replaces the only place where `old` stands."""
    assert text.count(old) == 1
    start = text.index(old)
    return Edit(Span(start, start + len(old)), new)


def putting(text: str, new: str, *, before: str = "", after: str = "") -> Edit:
    place = text.index(before) if before else text.index(after) + len(after)
    return Edit(Span(place, place), new)


# --- edits that do harm


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [
        # an open continuation swallows the next instruction, or the author's comment
        (putting(FILE, "RUN y \\\n", before="CMD"), "line 17"),
        (putting(FILE, "RUN y \\\n", before="# installs"), "line 7 is no longer"),
        (putting(FILE, " \\", after="AS build"), "either one or three"),
        (putting(FILE, " \\", after="B=2"), "can't find ="),
        # a heredoc is opened, broken or lost
        (putting(FILE, "RUN <<EOF\n", before="RUN apt"), "line 7"),
        (putting(FILE, "RUN <<EOF\n", before="COPY"), "line 11"),
        (putting(FILE, " <<X", after="    y"), "unterminated heredoc"),
        (replacing(FILE, "# text\nEOF\n", "# text\n"), "unterminated heredoc"),
        (replacing(FILE, "COPY <<EOF /hello\n", ""), "unknown instruction: EOF"),
        (replacing(FILE, "COPY <<EOF /hello\n", "COPY x /hello\n"), "unknown instruction: EOF"),
        # an instruction is commented out, cut, or glued to another
        (putting(FILE, "# ", before="ENV"), "unknown instruction: B=2"),
        (putting(FILE, "# ", before="    B=2"), "can't find ="),
        (putting(FILE, "X", before="ENV"), "line 15"),
        (replacing(FILE, "ENV A=1 \\\n", ""), "unknown instruction: B=2"),
        (replacing(FILE, "\nENV", " ENV"), "unterminated heredoc"),
        (replacing(FILE, "\nCMD", " CMD"), "line 15"),
        (replacing(FILE, " \\\n    B=2", "\n    B=2"), "B=2"),
        # a comment starts to count
        (replacing(FILE, "# floats", "RUN \\\n# floats"), "line 7 is no longer"),
        # directives
        (putting(FILE, "ARG X\n", before="# syntax"), "directive `syntax`"),
        (putting(FILE, "# note\n", before="# syntax"), "directive `syntax`"),
        # text that is no text
        (putting(FILE, "# \ud800\n", before="CMD"), "print back"),
        (putting(FILE, "# \udcc3\udca9\n", before="CMD"), "print back"),
    ],
)
def test_harm_is_seen(edit: Edit, wrong: str) -> None:
    found = verdict(FILE, [edit])
    assert found is not None
    assert wrong in found


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        # at the end of a file that leaves a continuation open, whatever is added belongs to it
        ("FROM a\nRUN x \\", Edit(Span(14, 14), "\nCMD y")),
        ("FROM a\nRUN x \\\n", Edit(Span(15, 15), "CMD y\n")),
        # a comment below the first one becomes a directive when that goes
        ("# note\n# check=skip=all\nFROM a\n", Edit(Span(0, 7), "")),
        ("# note\n# escape=`\nFROM a\n", Edit(Span(0, 7), "")),
        # another escape character
        ("FROM a\nRUN x\n", Edit(Span(0, 0), "# escape=`\n")),
        # the tail of one instruction becomes another
        ("FROM a\nRUN x \\\n  USER y\n", Edit(Span(13, 14), "")),
        ("FROM a\nRUN x USER y\n", Edit(Span(12, 13), "\n")),
        # deleting an opener frees what looks like instructions
        ("FROM a\nRUN <<EOF\nUSER b\nEOF\n", Edit(Span(7, 17), "")),
        # a kept instruction is swallowed by an edited one that lost its start
        ("FROM a\nRUN x\nUSER b\n", Edit(Span(7, 13), "RUN y \\\n")),
        ("FROM a\nRUN x\n# note\nUSER b\n", Edit(Span(7, 12), "RUN y <<EOF")),
    ],
)
def test_harm_in_odd_files_is_seen(text: str, edit: Edit) -> None:
    assert verdict(text, [edit]) is not None


def test_an_authors_comment_is_no_part_of_a_new_instruction() -> None:
    text = "FROM a\nRUN x\n# last\n"
    found = "the instruction of line 3 takes in lines that were none of its own"
    assert verdict(text, [putting(text, "RUN y \\\n", before="# last")]) == found
    text = "FROM a\nRUN x\n# first\n# EOF\n"
    assert verdict(text, [putting(text, "RUN <<'# EOF'\n", before="# first")]) == found


def test_two_edits_can_not_hide_each_other() -> None:
    text = "FROM a\nRUN x \\\n  USER y\n"
    edits = [replacing(text, " \\", ""), replacing(text, "y", "z")]
    assert verdict(text, edits) == "line 3 became an instruction"

    text = "FROM a\nENV A=1\nENV B=2\n"
    edits = [putting(text, "RUN x \\\n", before="ENV A"), replacing(text, "=2", "=3"), replacing(text, "=1", "=4")]
    assert verdict(text, edits) == "the instruction of line 2 is no longer read as one"


# --- honest edits


@pytest.mark.parametrize(
    "edit",
    [
        putting(FILE, "USER 1\n", before="CMD"),
        putting(FILE, "# note\nUSER 1\n\n", before="# installs"),
        putting(FILE, "RUN <<X\nCMD x\nX\n", before="COPY"),
        putting(FILE, "RUN a \\\n  b\n", before="COPY"),
        putting(FILE, " C=3", after="B=2"),
        putting(FILE, " \\\n    C=3", after="B=2"),
        putting(FILE, "# check=skip=all\n", before="# the base"),
        replacing(FILE, "a AS build", "b AS build"),
        replacing(FILE, "FROM a", "FROM --platform=x a"),
        replacing(FILE, 'CMD ["x"]', 'CMD ["y"]\nUSER 1'),
        replacing(FILE, 'CMD ["x"]\n', ""),
        replacing(FILE, "ENV A=1 \\\n    B=2\n", "ENV A=1 B=2\nENV C=3\n"),
        replacing(FILE, "ENV A=1 \\\n    B=2\n", "ENV A=1\nENV B=2\n"),
        replacing(FILE, "COPY <<EOF /hello\nUSER root\n# text\nEOF\n", ""),
        replacing(FILE, "USER root\n", "USER 1\n"),
        replacing(FILE, "    # what we need\n", ""),
        replacing(FILE, "# floats\n", ""),
        replacing(FILE, "# syntax=docker/dockerfile:1\n", "# syntax=docker/dockerfile:2\n"),
        replacing(FILE, "# syntax=docker/dockerfile:1\n", ""),
    ],
)
def test_honest_edits_pass(edit: Edit) -> None:
    assert verdict(FILE, [edit]) is None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["\n", ""])
def test_the_layouts_own_edits_pass(newline: str, end: str) -> None:
    before = Dockerfile.parse((FILE.rstrip("\n") + end).replace("\n", newline).encode())
    from_, run, copy, env, cmd = before.instructions
    script = run_script(run, before.text)
    taken = remove_command(script, script.commands[0])
    assert taken is not None
    for edits in (
        [insert_before(before, from_, "ARG A\n"), insert_after(before, cmd, "USER 1\n")],
        [add_mounts(before, run, ("--mount=type=cache,target=/x",)), remove_all(before, (env, cmd))[0]],
        [taken, remove(before, copy)],
        [
            insert_after(before, from_, "ENV A=1\n"),
            remove(before, env),
            Edit(Span(from_.span.end, from_.span.end), "2"),
        ],
    ):
        after, origin = apply_edits(before.text, edits, before.newline)
        assert misread(before, Dockerfile.of_text(after), edits, origin) is None


def test_insert_at_the_end_without_a_newline_is_no_edit_of_the_last_instruction() -> None:
    text = "FROM a\nRUN x"
    assert verdict(text, [Edit(Span(12, 12), "\nCMD y")]) is None
    assert verdict(text, [Edit(Span(12, 12), " y")]) is None


# --- any edit


@settings(deadline=None)
@given(st.data())
def test_what_passes_keeps_every_untouched_instruction(data: st.DataObject) -> None:
    """For any edit: either it is refused, or the instructions that it did not touch are there, read as before."""
    before = Dockerfile.of_text(FILE)
    start = data.draw(st.integers(0, len(FILE)))
    end = min(len(FILE), start + data.draw(st.integers(0, 12)))
    new = data.draw(st.text(alphabet="R UN\n\\#<EOFx'\"=`[]", max_size=8))
    edits = [Edit(Span(start, end), new)]
    after, origin = apply_edits(FILE, edits)
    made = Dockerfile.of_text(after)
    if misread(before, made, edits, origin) is not None:
        return
    values = [instruction.value for instruction in made.instructions]
    for instruction in before.instructions:
        if instruction.span.end < start or instruction.span.start > end:
            assert instruction.value in values
    assert len(made.stages) >= 1


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 5), st.text(max_size=8))
def test_never_raises(data: bytes, start: int, length: int, new: str) -> None:
    before = Dockerfile.parse(data)
    size = len(before.text)
    edits = [Edit(Span(min(start, size), min(start + length, size)), new)]
    after, origin = apply_edits(before.text, edits)
    misread(before, Dockerfile.of_text(after), edits, origin)
