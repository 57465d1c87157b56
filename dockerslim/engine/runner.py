"""Runs the transforms over a case, proves each step, and drops what fails its proof."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Origin, Span, apply_edits
from dockerslim.engine.authored_place import authored_place
from dockerslim.engine.contract import violations
from dockerslim.engine.ignore import ignore_comments, is_ignored
from dockerslim.engine.proof import misread
from dockerslim.engine.result import Dropped, Refusal, Result, Step
from dockerslim.engine.transform import Fix, Safety, Skip, Transform


def run(case: Case, transforms: Sequence[Transform]) -> Result:
    """The rewritten text with its steps and refusals. Never raises for a transform's fault: it is dropped and named.

    A transform that would change its own output, or that of the others, is dropped as a whole and the run is made
    again without it.
    """
    unstable: list[Dropped] = []
    left = list(transforms)
    while True:
        attempt = _run_once(case, left)
        fault = _fault_of_second_run(attempt, left)
        if fault is None:
            break
        unstable.append(fault)
        left = [t for t in left if t.name != fault.transform]
    return Result(
        case.path,
        case.dockerfile,
        attempt.case.dockerfile.text,
        tuple(attempt.steps),
        tuple(dict.fromkeys(attempt.refusals)),
        tuple(unstable + attempt.dropped),
    )


@dataclass(slots=True)
class _Attempt:
    """A run in the making."""

    start: Case
    case: Case
    origin: Origin
    steps: list[Step] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """What a transform wants of a case, its ignore comments heeded."""

    fixes: list[Fix] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    held_back: list[Fix] = field(default_factory=list)

    @property
    def edits(self) -> list[Edit]:
        return [edit for fix in self.fixes for edit in fix.edits]

    @property
    def ignore_lines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line for fix in self.fixes for line in fix.ignore_lines))


def _run_once(case: Case, transforms: Sequence[Transform]) -> _Attempt:
    attempt = _Attempt(case, case, Origin.identity(case.dockerfile.text))
    for transform in transforms:
        try:
            if not transform.languages or transform.languages & attempt.case.languages:
                _take_step(attempt, transform)
        except Exception as error:  # one transform's fault must not stop the others
            detail = f"{type(error).__name__}: {error}"
            attempt.dropped.append(Dropped(transform.name, "runs", detail, traceback.format_exc()))
    return attempt


def _take_step(attempt: _Attempt, transform: Transform) -> None:
    """Changes the attempt only when everything about the transform has gone well, or to note that it is dropped."""
    case = attempt.case
    plan = _plan(case, transform)
    refusals = [_refusal(attempt, transform, skip) for skip in plan.skips]
    refusals += [_held_back(attempt, transform, fix) for fix in plan.held_back]
    text, origin = _applied(case, plan)
    if text != case.dockerfile.text or plan.ignore_lines:
        after = case.with_text(text).with_ignore_lines(plan.ignore_lines)
        failed = _failed_proof(case, after, transform, plan, origin)
        if failed is not None:
            attempt.dropped.append(failed)
            return
        attempt.case = after
        attempt.origin = attempt.origin.then(origin)
        attempt.steps.append(Step(transform.name, transform.title, tuple(plan.fixes), text, plan.ignore_lines))
    attempt.refusals.extend(refusals)


def _plan(case: Case, transform: Transform) -> _Plan:
    plan = _Plan()
    comments = ignore_comments(case.dockerfile)
    if is_ignored(comments, transform, ()):
        return plan
    for found in transform(case):
        if isinstance(found, Skip):
            if not is_ignored(comments, transform, (Edit(found.span, ""),)):
                plan.skips.append(found)
        elif is_ignored(comments, transform, found.edits):
            continue
        elif found.safety is Safety.UNSAFE and not case.options.unsafe:
            plan.held_back.append(found)
        else:
            plan.fixes.append(found)
    return plan


def _applied(case: Case, plan: _Plan) -> tuple[str, Origin]:
    """The text that the plan makes. Raises ValueError or OverlapError for edits that make no sense."""
    text = case.dockerfile.text
    for edit in plan.edits:
        if not 0 <= edit.span.start <= edit.span.end <= len(text):
            raise ValueError(f"an edit of {edit.span.start} to {edit.span.end} in a file of {len(text)} characters")
    return apply_edits(text, plan.edits, case.dockerfile.newline)


def _failed_proof(before: Case, after: Case, transform: Transform, plan: _Plan, origin: Origin) -> Dropped | None:
    wrong = misread(before.dockerfile, after.dockerfile, plan.edits, origin)
    if wrong is not None:
        return Dropped(transform.name, "parses", wrong)
    broken = violations(before, after, transform.changes)
    if broken:
        return Dropped(transform.name, "contract", "; ".join(broken))
    again = _plan(after, transform)
    if again.ignore_lines or _applied(after, again)[0] != after.dockerfile.text:
        return Dropped(transform.name, "stable", "a second run changes its own output")
    return None


def _fault_of_second_run(attempt: _Attempt, transforms: Sequence[Transform]) -> Dropped | None:
    """Who would change the result of the first run; a whole run, for one that failed its proof may pass it by now."""
    if not attempt.steps:
        return None
    again = _run_once(attempt.case, transforms)
    if again.steps:
        return Dropped(again.steps[0].transform, "stable", "a second run changes the output of the first")
    known = {dropped.transform for dropped in attempt.dropped}
    return next((dropped for dropped in again.dropped if dropped.transform not in known), None)


def _refusal(attempt: _Attempt, transform: Transform, skip: Skip) -> Refusal:
    return Refusal(transform.name, _place(attempt, skip.span), skip.reason, skip.help, skip.note)


def _held_back(attempt: _Attempt, transform: Transform, fix: Fix) -> Refusal:
    return Refusal(
        transform.name,
        _place(attempt, fix.span),
        fix.risk or fix.why,
        "apply it with `--unsafe` if that is fine here",
        is_unsafe_fix=True,
    )


def _place(attempt: _Attempt, span: Span) -> Span:
    return authored_place(attempt.start.dockerfile, attempt.case.dockerfile, attempt.origin, span)
