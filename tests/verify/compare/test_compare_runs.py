"""Two runs of a command that ends."""

from __future__ import annotations

import pytest

from dockerslim.verify.compare.compare_runs import run_findings
from dockerslim.verify.observe.observation import CommandRun


def ran(output: str = "", exit_code: int | None = 0, failure: str = "") -> CommandRun:
    return CommandRun(("app",), exit_code, output, failure)


def test_the_same_output_is_a_proof() -> None:
    found = run_findings("app", ran("a\nb\n"), ran("a\nb\n"))

    assert (found.differences, found.notes, found.checks) == ((), (), ("app: exit code 0, 2 lines of output",))
    assert found.is_proof


def test_two_streams_may_come_in_another_order() -> None:
    assert run_findings("app", ran("a\nb\n"), ran("b\na\n")).differences == ()


def test_what_was_normalised_is_shown() -> None:
    found = run_findings("app", ran("done at 11:33:45\n"), ran("done at 12:00:01\n"))

    assert found.differences == ()
    assert found.notes == (
        "app: only dates, ids, addresses and the like differ,"
        " as in `done at 11:33:45` before, `done at 12:00:01` after",
    )


def test_an_empty_output_is_a_weak_proof() -> None:
    assert run_findings("app", ran(), ran()).notes == (
        "app: it printed nothing, so that only its exit code was compared",
    )


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (ran("a\n"), ran("b\n"), "app: 1 line of output before, 1 other line of output after"),
        (ran("a\n"), ran("a\nb\n"), "app: 1 line of output before, 2 lines of output after"),
        (ran("a\n"), ran("a\n", 1), "app: exit code 0 before, exit code 1 after"),
        (ran("a\n"), ran("a\n", None), "app: exit code 0 before, still running after"),
        (ran("a\n"), ran("", None, "exec: no such file"), "app: exit code 0 before, can't be started after"),
        (ran("", 1), ran("", 2), "app: exit code 1 before, exit code 2 after"),
        (
            ran("KeyError: 'A'", 1),
            ran("No module named 'b'", 1),
            "app: exit code 1: KeyError: 'A' before, exit code 1: No module named 'b' after",
        ),
    ],
)
def test_harm(before: CommandRun, after: CommandRun, sentence: str) -> None:
    found = run_findings("app", before, after)

    assert [difference.sentence for difference in found.differences] == [sentence]
    assert not found.is_proof


def test_a_difference_of_outputs_is_a_diff() -> None:
    (difference,) = run_findings("app", ran("a\nb\n"), ran("a\nc\n")).differences

    assert difference.detail == " a\n-b\n+c"


def test_why_it_failed_is_told() -> None:
    (difference,) = run_findings("app", ran("ok\n"), ran("boom\n", 1)).differences

    assert difference.detail == "boom"


@pytest.mark.parametrize(
    ("run", "note"),
    [
        (ran("usage: app FILE\n", 2), "app: exit code 2, before as after: usage: app FILE"),
        (ran("", None, "no such file"), "app: can't be started, before as after: no such file"),
        (ran("", None), "app: still running when time was up, before as after"),
    ],
)
def test_to_fail_alike_is_no_proof(run: CommandRun, note: str) -> None:
    found = run_findings("app", run, run)

    assert (found.differences, found.notes) == ((), (note,))
    assert not found.is_proof


def test_what_differs_between_two_runs_of_the_original_is_chance() -> None:
    before, again = ran("job 4711\ndone\n"), ran("job 815\ndone\n")
    found = run_findings("app", before, ran("job 42\ndone\n"), again)

    assert (found.differences, found.is_proof) == ((), True)
    assert found.checks == ("app: exit code 0, 1 line of output that is always there",)
    assert found.notes == ("app: its output differs from run to run, only what doesn't was compared",)


@pytest.mark.parametrize(
    "output", ["job 42\n", "job 42\ndone\nmore\n", "job 42\nfailed\n", "No module named 'x'\ndone\n", ""]
)
def test_harm_is_seen_in_an_output_that_differs_from_run_to_run(output: str) -> None:
    before, again = ran("job 4711\ndone\n"), ran("job 815\ndone\n")

    assert run_findings("app", before, ran(output), again).differences


def test_an_output_that_is_always_the_same_is_compared_whole() -> None:
    assert run_findings("app", ran("a\n"), ran("b\n"), ran("a\n")).differences


def test_an_end_that_is_another_each_time_proves_nothing() -> None:
    for before, after, again in (
        (ran("a", 0), ran("a", 1), ran("a", 1)),
        (ran("KeyError: 'a'", 1), ran("KeyError: 'b'", 1), ran("KeyError: 'c'", 1)),
    ):
        found = run_findings("app", before, after, again)
        assert (found.differences, found.is_proof) == ((), False)
        assert "each time" in found.notes[0]
