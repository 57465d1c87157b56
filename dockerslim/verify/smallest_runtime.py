"""The smallest runtime image with which the program behaves as before, found by trying."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dockerslim.case import Case, Options
from dockerslim.dockerfile import Dockerfile
from dockerslim.fleet.fix_all import Outcome
from dockerslim.images.runtime import runtimes_to_try
from dockerslim.verify.verification import Difference

Fix = Callable[[Options], Outcome]
"""The rewrite under these options."""

Try = Callable[[Outcome], Difference | None]
"""The first difference that the rewrite's image shows; None where it behaves as before."""


@dataclass(frozen=True, slots=True)
class RuntimeTrial:
    """A rewrite with a runtime image that nothing but a run shows to be enough."""

    image: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Smallest:
    """`outcome` is None where none of those that were tried does. `tried` has each image with what came of it."""

    outcome: Outcome | None
    tried: tuple[tuple[str, str], ...]


def runtime_trials(case: Case, chosen: Outcome, fix: Fix) -> tuple[RuntimeTrial, ...]:
    """From the smallest image up to the one that `chosen` has; none where an image was asked for."""
    return tuple(_smaller(case, chosen, fix))


def smallest_runtime(trials: Sequence[RuntimeTrial], attempt: Try) -> Smallest:
    """Builds and runs one after the other; the first that behaves as before is taken."""
    tried: list[tuple[str, str]] = []
    for trial in trials:
        difference = attempt(trial.outcome)
        tried.append((trial.image, "same" if difference is None else difference.sentence))
        if difference is None:
            return Smallest(trial.outcome, tuple(tried))
    return Smallest(None, tuple(tried))


def _smaller(case: Case, chosen: Outcome, fix: Fix) -> Iterator[RuntimeTrial]:
    image = case.final.final.image
    if image is None or case.options.runtime != "auto":
        return
    own = _new_runtime(chosen)
    for runtime in runtimes_to_try(image):
        if runtime == own:
            return
        outcome = fix(replace(case.options, runtime=runtime, will_be_tried=True))
        new = _new_runtime(outcome)
        if new is not None and new != own:
            yield RuntimeTrial(new, outcome)


def _new_runtime(outcome: Outcome) -> str | None:
    """The image of the runtime stage that the rewrite adds, named without a user; None where it adds none."""
    if outcome.result is None:
        return None
    after = Dockerfile.of_text(outcome.result.text)
    if len(after.stages) <= len(outcome.result.before.stages):
        return None
    return after.final_stage.base.removesuffix(":nonroot")
