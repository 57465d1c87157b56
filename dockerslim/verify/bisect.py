"""Finds the steps with which an image behaves otherwise, and the largest set of transforms without them.

A rewrite is a row of steps, each with the file after it, so the row up to any step can be built and run. The first step
with which it goes wrong is found by halving. A transform plans on what those before it made, so leaving one out is not
taking its edits back: the rewrite is made again without it, and tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerslim.engine.result import Result
from dockerslim.verify.verification import Culprit, Difference

Rewrite = Callable[[frozenset[str]], Result]
"""The rewrite without the transforms of these names."""

Try = Callable[[Result, int], Difference | None]
"""The first difference that the image of the first so many steps shows; None where it behaves as before."""


@dataclass(frozen=True, slots=True)
class Passing:
    """The largest rewrite that behaves as before; it may have no step left."""

    result: Result
    culprits: tuple[Culprit, ...]


def largest_passing(whole: Result, difference: Difference, rewrite: Rewrite, attempt: Try) -> Passing:
    """Leaves out one culprit after the other until the rest behaves as before.

    `difference` is what the whole rewrite shows. Each try builds and runs an image, at most the logarithm of the
    number of steps for a culprit.
    """
    culprits: list[Culprit] = []
    result = whole
    found: Difference | None = difference
    while found is not None and result.steps:
        culprit = _first_failing(result, found, attempt)
        culprits.append(culprit)
        result = rewrite(_names(culprits))
        found = attempt(result, len(result.steps)) if result.steps else None
    return _with_innocent(Passing(result, tuple(culprits)), rewrite, attempt)


def _first_failing(result: Result, difference: Difference, attempt: Try) -> Culprit:
    """The step before which all is well and after which it isn't; the whole row is known to fail."""
    passing, failing = 0, len(result.steps)
    while failing - passing > 1:
        middle = (passing + failing) // 2
        found = attempt(result, middle)
        if found is None:
            passing = middle
        else:
            failing, difference = middle, found
    return Culprit(result.steps[failing - 1].transform, difference)


def _with_innocent(passing: Passing, rewrite: Rewrite, attempt: Try) -> Passing:
    """Takes back those that do no harm now that others are out; the last that was left out has shown that it does."""
    for culprit in passing.culprits[:-1]:
        rest = tuple(other for other in passing.culprits if other is not culprit)
        result = rewrite(_names(rest))
        if len(result.steps) > len(passing.result.steps) and attempt(result, len(result.steps)) is None:
            passing = Passing(result, rest)
    return passing


def _names(culprits: list[Culprit] | tuple[Culprit, ...]) -> frozenset[str]:
    return frozenset(culprit.transform for culprit in culprits)
