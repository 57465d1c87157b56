"""A transform that misbehaves is dropped and named; what the others did stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Span
from dockerslim.engine.runner import run
from dockerslim.engine.transform import Fix, Safety, Skip, Transform
from tests.engine.cases import case_of, fix_of, replacing, run_on, transform_of

TEXT = """\
FROM debian:12 AS app
ENV NAME=value
RUN <<EOF
echo one
EOF
USER app
WORKDIR /srv
CMD ["serve"]
"""
GOOD = replacing("WORKDIR /srv\n", "WORKDIR /srv/\n", "good")
ALSO_GOOD = replacing("echo one", "echo two", "also-good")
GOOD_TEXT = TEXT.replace("WORKDIR /srv\n", "WORKDIR /srv/\n").replace("echo one", "echo two")


def _raise(case: Case) -> Iterator[Fix | Skip]:
    yield Skip(Span(0, 4), "seen before the fault")
    raise RuntimeError("no idea")


def _recurse(case: Case) -> Iterator[Fix | Skip]:
    yield from _recurse(case)


def _yield_nonsense(case: Case) -> Iterator[Fix | Skip]:
    yield "not a fix"  # type: ignore[misc]


def _overlap(case: Case) -> Iterator[Fix | Skip]:
    yield fix_of(0, 6, "FROM ")
    yield fix_of(4, 8, "x")


def _edit_beyond_the_end(case: Case) -> Iterator[Fix | Skip]:
    yield fix_of(0, len(case.dockerfile.text) + 5, "FROM debian:12\n")


def _edit_backwards(case: Case) -> Iterator[Fix | Skip]:
    yield fix_of(9, 4, "x")


def _change_every_time(case: Case) -> Iterator[Fix | Skip]:
    yield fix_of(len(case.dockerfile.text), len(case.dockerfile.text), "RUN again\n")


def _raise_on_the_second_run(case: Case) -> Iterator[Fix | Skip]:
    if "touched" in case.dockerfile.text:
        raise RuntimeError("surprised by its own work")
    yield fix_of(0, 0, "# touched\n")


def _demand_an_ignore_line_every_time(case: Case) -> Iterator[Fix | Skip]:
    yield Fix((), why="for a test", ignore_lines=("*.log",))


@pytest.mark.parametrize(
    ("transform", "proof", "detail"),
    [
        (replacing("ENV NAME=value\n", "", "bad"), "contract", "ENV NAME is gone"),
        (replacing("NAME=value", "NAME=other", "bad"), "contract", "ENV NAME changed from 'value' to 'other'"),
        (replacing("USER app", "USER other", "bad"), "contract", "USER changed from 'app' to 'other'"),
        (replacing(" AS app", "", "bad"), "contract", "the final stage lost its name `app`"),
        (replacing("AS app", "AS other", "bad"), "contract", "the final stage lost its name `app`"),
        (replacing("debian:12", "example.com/other:1", "bad"), "contract", "what it supplies is not known"),
        (replacing("\nEOF\nUSER", "\nEOX\nUSER", "bad"), "parses", "unterminated heredoc"),
        (replacing("RUN <<EOF", "RUN", "bad"), "parses", ""),
        (replacing("USER app", "USER app \\", "bad"), "parses", ""),
        (replacing("CMD [", "ENTRYPINT [", "bad"), "parses", "unknown instruction"),
        (transform_of(_change_every_time, "bad"), "stable", "its own output"),
        (transform_of(_demand_an_ignore_line_every_time, "bad"), "stable", "its own output"),
        (transform_of(_raise, "bad"), "runs", "RuntimeError: no idea"),
        (transform_of(_raise_on_the_second_run, "bad"), "runs", "surprised"),
        (transform_of(_recurse, "bad"), "runs", "RecursionError"),
        (transform_of(_yield_nonsense, "bad"), "runs", ""),
        (transform_of(_overlap, "bad"), "runs", "overlap"),
        (transform_of(_edit_beyond_the_end, "bad"), "runs", "an edit of 0 to"),
        (transform_of(_edit_backwards, "bad"), "runs", "an edit of 9 to 4"),
        (Transform(id="bad", title="without a plan"), "runs", "TypeError"),
    ],
)
def test_the_bad_one_is_dropped_and_named(transform: Transform, proof: str, detail: str) -> None:
    result = run_on(TEXT, GOOD, transform, ALSO_GOOD)

    assert [(dropped.transform, dropped.proof) for dropped in result.dropped] == [("bad", proof)]
    assert detail in result.dropped[0].detail
    assert result.dropped[0].trace if proof == "runs" else not result.dropped[0].trace
    assert [step.transform for step in result.steps] == ["good", "also-good"]
    assert result.text == GOOD_TEXT
    assert result.refusals == ()


def test_a_key_that_is_named_may_change() -> None:
    named = replacing("NAME=value", "NAME=other", changes=["ENV NAME"])

    assert run_on(TEXT, named).text == TEXT.replace("NAME=value", "NAME=other")
    assert run_on(TEXT, replacing("NAME=value", "NAME=other", changes=["ENV OTHER"])).dropped


def test_two_that_undo_each_other_forever() -> None:
    there, back = replacing("/srv\n", "/srv/\n", "there"), replacing("/srv/\n", "/srv\n", "back")

    result = run_on(TEXT, there, back, ALSO_GOOD)

    assert [(dropped.transform, dropped.proof) for dropped in result.dropped] == [("there", "stable")]
    assert result.text == TEXT.replace("echo one", "echo two")
    assert run_on(result.text, back, ALSO_GOOD).steps == ()


def test_one_that_wakes_up_after_the_others_is_dropped() -> None:
    """Silent on the first run and not on the second: the result must not depend on how often one runs."""
    late = replacing("echo two", "echo three", "late")

    result = run_on(TEXT, late, ALSO_GOOD)

    assert [(dropped.transform, dropped.proof) for dropped in result.dropped] == [("late", "stable")]
    assert result.text == TEXT.replace("echo one", "echo two")


def test_one_that_fails_now_and_would_pass_on_the_second_run_changes_nothing_then() -> None:
    def plan(case: Case) -> Iterator[Fix | Skip]:
        text = case.dockerfile.text
        if "echo two" not in text:
            start = text.index("NAME")
            yield fix_of(start, start + 4, "OTHER")
        elif not text.startswith("# two"):
            yield fix_of(0, 0, "# two\n")

    result = run_on(TEXT, transform_of(plan, "moody"), ALSO_GOOD)

    assert "moody" in {dropped.transform for dropped in result.dropped}
    assert result.text == TEXT.replace("echo one", "echo two")


def test_nothing_to_do_is_silent() -> None:
    def same(case: Case) -> Iterator[Fix | Skip]:
        yield fix_of(0, 4, case.dockerfile.text[:4])

    result = run_on(TEXT, transform_of(same), replacing("no such text", ""))

    assert (result.text, result.steps, result.refusals, result.dropped) == (TEXT, (), (), ())
    assert not result.changed


def _unsafe(case: Case) -> Iterator[Fix | Skip]:
    start = case.dockerfile.text.find("echo one")
    if start >= 0:
        edit = Edit(Span(start, start + 8), "echo two")
        yield Fix((edit,), why="because", safety=Safety.UNSAFE, risk="a volume may hold old words")


def test_an_unsafe_fix_is_held_back_without_the_word_for_it() -> None:
    result = run_on(TEXT, transform_of(_unsafe, "risky"))

    assert result.text == TEXT
    [refusal] = result.refusals
    assert (refusal.transform, refusal.reason) == ("risky", "a volume may hold old words")
    assert refusal.is_unsafe_fix
    assert "--unsafe" in refusal.help
    assert TEXT[refusal.span.start : refusal.span.end] == "echo one"


def test_an_unsafe_fix_is_applied_with_the_word_for_it() -> None:
    result = run_on(TEXT, transform_of(_unsafe, "risky"), unsafe=True)

    assert result.text == TEXT.replace("echo one", "echo two")
    assert result.refusals == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_edits_have_the_files_line_ends(newline: str) -> None:
    text = "FROM debian:12\nENV A=1\nCMD x\n".replace("\n", newline)

    def plan(case: Case) -> Iterator[Fix | Skip]:
        if "/srv" not in case.dockerfile.text:
            start = case.dockerfile.text.index("CMD")
            yield fix_of(start, start, "# twice\nRUN mkdir /srv \\\n    /b\n")

    result = run_on(text, transform_of(plan))

    assert result.dropped == ()
    expected = "FROM debian:12\nENV A=1\n# twice\nRUN mkdir /srv \\\n    /b\nCMD x\n"
    assert result.text == expected.replace("\n", newline)


def test_positions_are_those_of_the_users_file() -> None:
    def insert(case: Case) -> Iterator[Fix | Skip]:
        if not case.dockerfile.text.startswith("#"):
            yield fix_of(0, 0, "# syntax=docker/dockerfile:1\n# more\n")
            end = case.dockerfile.text.index("USER")
            yield fix_of(end, end, "RUN new\n")

    def refuse(case: Case) -> Iterator[Fix | Skip]:
        stage = case.stage
        user, cmd, run_ = stage.last("USER"), stage.last("CMD"), stage.last("RUN")
        assert user and cmd and run_
        yield Skip(user.span, "user")
        yield Skip(cmd.arguments_span, "cmd")
        yield Skip(run_.span, "new text")

    result = run_on(TEXT, transform_of(insert, "insert"), GOOD, transform_of(refuse, "refuse"))

    user, cmd, new = result.refusals
    assert TEXT[user.span.start : user.span.end] == "USER app"
    assert TEXT[cmd.span.start : cmd.span.end] == '["serve"]'
    assert (result.before.position(user.span.start).line, result.before.position(user.span.start).column) == (6, 1)
    assert new.span.start == TEXT.index("USER")  # what is new has the place that it was put at


def test_a_refusal_that_is_made_twice_is_told_once() -> None:
    def refuse(case: Case) -> Iterator[Fix | Skip]:
        yield Skip(Span(0, 4), "no")
        yield Skip(Span(0, 4), "no")

    assert len(run_on(TEXT, transform_of(refuse)).refusals) == 1


def test_a_transform_for_another_language_does_not_run() -> None:
    transform = transform_of(_raise)
    transform.languages = frozenset({"go"})

    assert run_on(TEXT, transform).dropped == ()
    assert run_on("FROM golang:1.23\n", transform).dropped


def test_ignore_lines_of_several_steps_are_told_once() -> None:
    def wanting(line: str) -> Transform:
        def plan(case: Case) -> Iterator[Fix | Skip]:
            assert case.context is not None
            if line not in (case.context.ignore_text or ""):
                yield Fix((), why="for a test", ignore_lines=(line, line))

        return transform_of(plan, f"want-{line}")

    result = run(case_of(TEXT, {"a": ""}), [wanting("a"), wanting("b")])

    assert result.ignore_lines == ("a", "b")
    assert result.changed
    assert result.text == TEXT


def test_a_file_of_odd_bytes_stays() -> None:
    text = b"\xef\xbb\xbfFROM debian:12\nRUN echo \xff one\n".decode("utf-8", "surrogateescape")

    result = run_on(text, replacing("one", "two"))

    assert result.text.encode("utf-8", "surrogateescape") == b"\xef\xbb\xbfFROM debian:12\nRUN echo \xff two\n"


def test_a_part_that_was_divided_off_is_where_the_author_wrote_it() -> None:
    text = "FROM debian:12\nCOPY . .\nRUN one \\\n    && two \\\n    && three\n\nEXPOSE 80\n"

    def divide(case: Case) -> Iterator[Fix | Skip]:
        if "RUN one \\" in case.dockerfile.text:
            copy, rest = "COPY . .\n", " \\\n    && two \\\n    && three"
            start = text.index(copy)
            yield fix_of(start, start + len(copy), "")
            start = text.index(rest)
            yield fix_of(start, start + len(rest), "")
            yield fix_of(start + len(rest) + 1, start + len(rest) + 1, copy + "RUN two \\\n    && three\n")

    def refuse(case: Case) -> Iterator[Fix | Skip]:
        rest = case.stage.all("RUN")[-1]
        three = case.dockerfile.text.rindex("three")
        yield Skip(rest.span, "the whole")
        yield Skip(Span(three, three + 5), "a word")

    whole, word = run_on(text, transform_of(divide, "divide"), transform_of(refuse, "refuse")).refusals

    assert whole.span.cut(text) == "two \\\n    && three"
    assert word.span == Span(text.index("three"), text.index("three") + 5)
