"""Runs the transforms over a case, proves each step, and drops what fails its proof."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from dockerslim.dockerfile import Edit, Origin, OverlapError, apply_edits
from dockerslim.case import Case
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
    dropped: list[Dropped] = []
    left = list(transforms)
    while True:
        attempt = _run_once(case, left)
        unstable = _unstable(attempt.case, left, attempt)
        if unstable is None:
            break
        dropped.append(unstable)
        left = [t for t in left if t.name != unstable.transform]
    return Result(
        case.path,
        case.dockerfile,
        attempt.case.dockerfile.text,
        tuple(attempt.steps),
        tuple(attempt.refusals),
        tuple(dropped + attempt.dropped),
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


def _run_once(case: Case, transforms: Sequence[Transform]) -> _Attempt:
    attempt = _Attempt(case, case, Origin.identity(case.dockerfile.text))
    for transform in transforms:
        if transform.languages and not (transform.languages & attempt.case.languages):
            continue
        try:
            _take_step(attempt, transform)
        except Exception as error:  # one transform's fault must not stop the others
            detail = f"{type(error).__name__}: {error}"
            attempt.dropped.append(Dropped(transform.name, "runs", detail, traceback.format_exc()))
    return attempt


def _take_step(attempt: _Attempt, transform: Transform) -> None:
    case = attempt.case
    comments = ignore_comments(case.dockerfile)
    if is_ignored(comments, transform, ()):
        return
    fixes: list[Fix] = []
    for found in transform(case):
        if isinstance(found, Skip):
            if not is_ignored(comments, transform, (Edit(found.span, ""),)):
                _refuse(attempt, transform, found)
        elif is_ignored(comments, transform, found.edits):
            continue
        elif found.safety is Safety.UNSAFE and not case.options.unsafe:
            _hold_back(attempt, transform, found)
        else:
            fixes.append(found)
    if not fixes:
        return
    edits = [edit for fix in fixes for edit in fix.edits]
    lines = tuple(dict.fromkeys(line for fix in fixes for line in fix.ignore_lines))
    text, origin = apply_edits(case.dockerfile.text, edits, case.dockerfile.newline)
    after = case.with_text(text).with_ignore_lines(lines)
    failed = _failed_proof(attempt, after, transform, edits, origin)
    if failed is not None:
        attempt.dropped.append(failed)
        return
    attempt.case = after
    attempt.origin = attempt.origin.then(origin)
    attempt.steps.append(Step(transform.name, transform.title, tuple(fixes), text, lines))


def _failed_proof(
    attempt: _Attempt, after: Case, transform: Transform, edits: Sequence[Edit], origin: Origin
) -> Dropped | None:
    wrong = misread(attempt.case.dockerfile, after.dockerfile, edits, origin)
    if wrong is not None:
        return Dropped(transform.name, "parses", wrong)
    broken = violations(attempt.case, after, transform.changes)
    if broken:
        return Dropped(transform.name, "contract", "; ".join(broken))
    if _would_change(after, transform):
        return Dropped(transform.name, "stable", "a second run changes its own output")
    return None


def _would_change(case: Case, transform: Transform) -> bool:
    comments = ignore_comments(case.dockerfile)
    for found in transform(case):
        if isinstance(found, Skip) or is_ignored(comments, transform, found.edits):
            continue
        if found.safety is Safety.UNSAFE and not case.options.unsafe:
            continue
        if found.ignore_lines:
            return True
        try:
            if apply_edits(case.dockerfile.text, found.edits, case.dockerfile.newline)[0] != case.dockerfile.text:
                return True
        except OverlapError:
            return True
    return False


def _unstable(case: Case, transforms: Sequence[Transform], attempt: _Attempt) -> Dropped | None:
    """The first transform that would change the final text; those dropped in this attempt don't count."""
    if not attempt.steps:
        return None
    gone = {d.transform for d in attempt.dropped}
    for transform in transforms:
        if transform.name in gone or (transform.languages and not (transform.languages & case.languages)):
            continue
        try:
            changes = not is_ignored(ignore_comments(case.dockerfile), transform, ()) and _would_change(case, transform)
        except Exception as error:
            return Dropped(transform.name, "runs", f"{type(error).__name__}: {error}", traceback.format_exc())
        if changes:
            return Dropped(transform.name, "stable", "a second run changes the output of the first")
    return None


def _refuse(attempt: _Attempt, transform: Transform, skip: Skip) -> None:
    attempt.refusals.append(
        Refusal(transform.name, attempt.origin.span(skip.span), skip.reason, skip.help, skip.note)
    )


def _hold_back(attempt: _Attempt, transform: Transform, fix: Fix) -> None:
    reason = fix.risk or fix.why
    attempt.refusals.append(
        Refusal(
            transform.name,
            attempt.origin.span(fix.span),
            reason,
            "apply it with `--unsafe` if that is fine here",
            is_unsafe_fix=True,
        )
    )
