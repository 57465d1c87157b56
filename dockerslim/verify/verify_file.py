"""Verifies Dockerfiles one after the other: rewrite, build and run both, compare, find the culprit."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from dockerslim.engine.result import Result
from dockerslim.fleet.fix_all import Failure, FileChange, Outcome, completed_ignore, shown
from dockerslim.output.read import InputError, read_file
from dockerslim.verify.bisect import largest_passing
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.errors import BuildFailed, VerifyError
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.rewriting import Rewrites, Rewriting
from dockerslim.verify.session import Session, session
from dockerslim.verify.smallest_runtime import RuntimeTrial, runtime_trials, smallest_runtime
from dockerslim.verify.trials import Judgement, Trials, trials
from dockerslim.verify.verification import Culprit, Difference, Times, Verification


def verify_files(
    paths: Sequence[Path],
    rewrites: Rewrites,
    verify_options: VerifyOptions,
    progress: Progress,
) -> Generator[Verification, None, None]:
    """The verification of each file's rewrite, in order. A culprit is looked for where the rewrite behaves otherwise.

    Raises VerifyError where the engine can't be used at all; what goes wrong with one file is told in its verification.
    """
    each = _each(paths, rewrites, verify_options, progress, keeps_passing=False)
    with closing(each):
        for _, verification in each:
            yield verification


def verified_outcomes(
    paths: Sequence[Path],
    rewrites: Rewrites,
    verify_options: VerifyOptions,
    progress: Progress,
) -> Generator[tuple[Outcome, Verification], None, None]:
    """The largest rewrite of each file that behaves as before, on the smallest runtime image with which it does.

    Where nothing could be told the outcome has no change. Raises VerifyError as `verify_files` does.
    """
    return _each(paths, rewrites, verify_options, progress, keeps_passing=True)


def _each(
    paths: Sequence[Path],
    rewrites: Rewrites,
    verify_options: VerifyOptions,
    progress: Progress,
    *,
    keeps_passing: bool,
) -> Generator[tuple[Outcome, Verification], None, None]:
    with session(verify_options, progress) as running:
        for number, path in enumerate(paths):
            progress.file(shown(path))
            try:
                data = read_file(path)
            except InputError as error:
                yield _unreadable(path, error)
                continue
            result = _verified(running, rewrites.of(path, data), number, keeps_passing=keeps_passing)
            progress.clear()
            yield result


def _unreadable(path: Path, error: InputError) -> tuple[Outcome, Verification]:
    name = shown(path)
    outcome = Outcome(path, name, failure=Failure(error.message, error.help))
    return outcome, Verification(name, "could not tell", reason=error.message, help=error.help)


def _verified(
    running: Session, rewriting: Rewriting, number: int, *, keeps_passing: bool
) -> tuple[Outcome, Verification]:
    outcome = rewriting.outcome()
    if outcome.result is None:
        return outcome, _not_rewritten(outcome)
    case = rewriting.case()
    smaller = runtime_trials(case, outcome, rewriting.outcome) if keeps_passing else ()
    if not outcome.result.changed and not smaller:
        return outcome, Verification(outcome.shown, "same", nothing_to_do=True)
    running.engine  # noqa: B018 (without an engine no file can be verified: that is not this file's matter)
    try:
        with trials(running, case, rewriting.path, number) as tried:
            return _Verifying(tried, rewriting, outcome, smaller).verified(keeps_passing=keeps_passing)
    except BuildFailed as error:
        reason = f"the original does not build: {error.message}"
        logs = (error.log,) if error.log else ()
        verification = Verification(
            outcome.shown, "could not tell", reason=reason, help=error.help or "mend its build first", logs=logs
        )
    except VerifyError as error:
        logs = (error.log,) if error.log else ()
        verification = Verification(outcome.shown, "could not tell", reason=error.message, help=error.help, logs=logs)
    return _unchanged(outcome), verification


def _not_rewritten(outcome: Outcome) -> Verification:
    if outcome.left_alone is not None:
        return Verification(outcome.shown, "same", nothing_to_do=True, reason=outcome.left_alone.reason)
    assert outcome.failure is not None
    return Verification(outcome.shown, "could not tell", reason=outcome.failure.message, help=outcome.failure.help)


def _unchanged(outcome: Outcome) -> Outcome:
    """The outcome without its rewrite, which nothing has shown to be right."""
    assert outcome.change is not None and outcome.result is not None
    before = outcome.change.before
    assert before is not None
    result = replace(outcome.result, text=outcome.result.before.text, steps=())
    return replace(outcome, change=FileChange(outcome.path, before, before), result=result)


@dataclass(slots=True)
class _Verifying:
    """One file whose original can be built."""

    tried: Trials
    rewriting: Rewriting
    outcome: Outcome
    smaller: tuple[RuntimeTrial, ...]
    _count: int = 0
    """Of candidates, for their names."""

    def verified(self, *, keeps_passing: bool) -> tuple[Outcome, Verification]:
        """The outcome that may be used, and what was seen of it."""
        runtimes: tuple[tuple[str, str], ...] = ()
        if self.smaller:
            smallest = smallest_runtime(self.smaller, self._difference)
            self.outcome, runtimes = smallest.outcome or self.outcome, smallest.tried
        if not _result(self.outcome).changed:
            return self.outcome, Verification(
                self.outcome.shown, "same", nothing_to_do=True, runtime_tried=runtimes, logs=self._logs
            )
        judgement = self._judge(_result(self.outcome))
        culprits: tuple[Culprit, ...] = ()
        unfound = ""
        if judgement.difference is not None:
            try:
                culprits = self._culprits(judgement.difference)
            except VerifyError as error:  # what was seen of the whole rewrite is not lost with it
                unfound = f"which step causes it could not be found: {error.message}"
        if culprits and keeps_passing:
            self.outcome = self.rewriting.outcome(without=frozenset(culprit.transform for culprit in culprits))
            if _result(self.outcome).changed:
                judgement = self._judge(_result(self.outcome))
        verification = self._verification(judgement)
        verification = replace(
            verification, culprits=culprits, runtime_tried=runtimes, reason=verification.reason or unfound
        )
        if keeps_passing and verification.verdict != "same":
            self.outcome = _unchanged(self.outcome)
        return self.outcome, verification

    def _culprits(self, difference: Difference) -> tuple[Culprit, ...]:
        whole = _result(self.outcome)
        if not whole.steps:
            return ()
        self.tried.session.progress.phase("looking for the step that changes the behaviour")
        return largest_passing(
            whole,
            difference,
            lambda names: _result(self.rewriting.outcome(without=names)),
            lambda result, steps: self._judge(result, steps).difference,
        ).culprits

    def _difference(self, outcome: Outcome) -> Difference | None:
        """Of a whole rewrite; one about which nothing could be told is not as before either."""
        try:
            judgement = self._judge(_result(outcome))
        except VerifyError as error:  # its runtime image can't be had
            return Difference("docker build", "succeeds", error.message)
        if judgement.comparison.verdict == "same" or judgement.difference is not None:
            return judgement.difference
        return Difference("behaviour", "known", judgement.comparison.verdict)

    def _judge(self, result: Result, steps: int | None = None) -> Judgement:
        """The first so many steps of a rewrite against the original; all of them where no number is given."""
        made = result.steps if steps is None else result.steps[:steps]
        if steps is None:
            text, lines = result.text, result.ignore_lines
        else:
            text = made[-1].text if made else result.before.text
            lines = tuple(dict.fromkeys(line for step in made for line in step.ignore_lines))
        context = self.tried.case.context
        before = context.ignore_text if context is not None else None
        ignore = completed_ignore(before, lines) if lines else self.tried.original.ignore
        self._count += 1
        name = "after" if self._count == 1 else f"after-{self._count}"
        candidate = Candidate(name, text.encode("utf-8", "surrogateescape"), ignore)
        return self.tried.judge(candidate, self._changes(frozenset(step.transform for step in made)))

    def _changes(self, names: frozenset[str]) -> frozenset[str]:
        transforms = self.rewriting.rewrites.selection.for_languages(self.tried.case.languages)
        return frozenset(key for transform in transforms if transform.name in names for key in transform.changes)

    def _verification(self, judgement: Judgement) -> Verification:
        """The figures of both images, where both were built."""
        tried, seen = self.tried, judgement.seen
        comparison = judgement.comparison
        result = _result(self.outcome)
        reason = help = ""
        if comparison.verdict == "fails the same way":
            is_up = tried.before.observation.state == "serving"
            reason = f"the program {'answers with errors alone' if is_up else 'does not come up'}, before as after"
            help = "give what it needs with --env or --env-file, or ask it something else with --probe-run"
        elif comparison.verdict == "could not tell":
            reason, help = "what it does could not be compared", "say what to ask with --probe or --probe-run"
        # How long the original takes to build says nothing where there is no other time beside it.
        before = tried.figures(tried.before, tried.times(tried.before) if seen is not None else Times())
        after = tried.figures(seen, tried.times(seen)) if seen is not None else None
        changes = tried.changes
        return Verification(
            self.outcome.shown,
            comparison.verdict,
            replace(comparison, notes=(*comparison.notes, *tried.notes)),
            before,
            after,
            steps=tuple(dict.fromkeys(step.transform for step in result.steps)),
            reason=reason,
            help=help,
            logs=self._logs,
            source_file=changes.source.path if changes.source else "",
            dependency_file=changes.dependency.path if changes.dependency else "",
        )

    @property
    def _logs(self) -> tuple[Path, ...]:
        return tuple(self.tried.logs.files)


def _result(outcome: Outcome) -> Result:
    assert outcome.result is not None
    return outcome.result
