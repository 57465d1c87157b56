"""Which steps are left out, and that the rest is as large as it can be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.result import Result, Step
from dockerslim.verify.bisect import Passing, largest_passing
from dockerslim.verify.verification import Difference

ALL = ("a", "b", "c", "d", "e", "f", "g")
Fails = Callable[[frozenset[str]], bool]


class Trials:
    """A rewrite of named steps, and an image that fails as `fails` says of the steps that it has."""

    def __init__(self, fails: Fails, needs: dict[str, str] | None = None) -> None:
        self.fails = fails
        self.needs = needs or {}
        """A step that has nothing to do without another one."""
        self.count = 0

    def rewrite(self, without: frozenset[str]) -> Result:
        names: list[str] = []
        for name in ALL:
            if name not in without and (name not in self.needs or self.needs[name] in names):
                names.append(name)
        steps = tuple(Step(name, name, (), "+".join(names[: i + 1]), ()) for i, name in enumerate(names))
        return Result("Dockerfile", Dockerfile.of_text("FROM x\n"), "", steps)

    def attempt(self, result: Result, count: int) -> Difference | None:
        self.count += 1
        names = frozenset(step.transform for step in result.steps[:count])
        return Difference("GET /", "200", f"500 with {len(names)}") if self.fails(names) else None

    def largest(self) -> Passing:
        whole = self.rewrite(frozenset())
        difference = self.attempt(whole, len(whole.steps))
        assert difference is not None
        return largest_passing(whole, difference, self.rewrite, self.attempt)


def _left_out(passing: Passing) -> list[str]:
    return sorted(culprit.transform for culprit in passing.culprits)


@pytest.mark.parametrize("bad", ALL)
def test_one_culprit_is_found_wherever_it_stands(bad: str) -> None:
    trials = Trials(lambda names: bad in names)
    passing = trials.largest()
    assert _left_out(passing) == [bad]
    assert len(passing.result.steps) == len(ALL) - 1
    assert trials.count <= 6, "the whole, the halves, and the rest"


def test_several_culprits_are_all_left_out() -> None:
    passing = Trials(lambda names: bool(names & {"b", "e", "g"})).largest()
    assert _left_out(passing) == ["b", "e", "g"]
    assert [step.transform for step in passing.result.steps] == ["a", "c", "d", "f"]


def test_two_that_only_fail_together_cost_one() -> None:
    passing = Trials(lambda names: {"b", "f"} <= names).largest()
    assert _left_out(passing) == ["f"]


def test_one_that_was_innocent_comes_back() -> None:
    # `c` fails beside `b` only, and `b` fails by itself beside `a`: without `a`..., the first culprit does no harm.
    passing = Trials(lambda names: {"b", "c"} <= names or {"a", "b", "d"} <= names).largest()
    assert not ({"b", "c"} <= {s.transform for s in passing.result.steps})
    assert len(passing.result.steps) == len(ALL) - len(passing.culprits)


def test_what_depends_on_a_culprit_goes_with_it_unnamed() -> None:
    passing = Trials(lambda names: "b" in names, needs={"c": "b"}).largest()
    assert _left_out(passing) == ["b"]
    assert [step.transform for step in passing.result.steps] == ["a", "d", "e", "f", "g"]


def test_nothing_is_left_where_every_step_fails() -> None:
    passing = Trials(lambda names: bool(names)).largest()
    assert passing.result.steps == ()
    assert len(passing.culprits) == len(ALL)


def test_a_culprit_carries_what_was_seen_with_it() -> None:
    passing = Trials(lambda names: "c" in names).largest()
    assert passing.culprits[0].difference.after.startswith("500 with ")
