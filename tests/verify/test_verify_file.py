"""The course of one file, with a verdict in the place of building and running."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dockerslim.engine.registry import choose
from dockerslim.fleet.fix_all import Outcome
from dockerslim.verify import verify_file
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextChanges
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.trials import Judgement
from dockerslim.verify.verification import Comparison, Difference, ImageFigures, Times, Verification

DOCKERFILE = "FROM python:3.12-slim\nWORKDIR /srv\nRUN pip install flask\nCMD flask run --port 80\n"
DIFFERENCE = Difference("GET :80/", "200", "500")
SAME = Judgement(Comparison("same"), None)
DIFFERS = Judgement(Comparison("differs", (DIFFERENCE,)), None)


class FakeTrials:
    """Answers for candidates by their text; `answer` may raise."""

    def __init__(self, case: Any, session: Any, answer: Any) -> None:
        self.case, self.session, self.answer = case, session, answer
        self.original = Candidate("before", case.dockerfile.data, None)
        self.changes = ContextChanges(None, None)
        self.notes: list[str] = []
        self.logs = SimpleNamespace(files=[])
        self.before = SimpleNamespace(observation=SimpleNamespace(state="exited"))
        self.asked: list[str] = []

    def judge(self, candidate: Candidate, changes: frozenset[str]) -> Judgement:
        self.asked.append(candidate.dockerfile.decode())
        judgement = self.answer(self.asked)
        assert isinstance(judgement, Judgement)
        return judgement

    def figures(self, seen: Any, times: Times) -> ImageFigures:
        return ImageFigures(1, None, 1, None, None, "", (), "root")

    def times(self, seen: Any) -> Times:
        return Times()


def verified(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Any) -> tuple[Outcome, Verification]:
    """What `fix --verify` gets of one Dockerfile."""

    @contextmanager
    def session(options: VerifyOptions, progress: Progress) -> Iterator[Any]:
        yield SimpleNamespace(engine=None, options=options, progress=progress)

    @contextmanager
    def trials(running: Any, case: Any, dockerfile: Path, number: int) -> Iterator[Any]:
        yield FakeTrials(case, running, answer)

    monkeypatch.setattr(verify_file, "session", session)
    monkeypatch.setattr(verify_file, "trials", trials)
    path = folder / "Dockerfile"
    path.write_text(DOCKERFILE, "utf-8")
    with Progress(io.StringIO()) as progress:
        [result] = verify_file.verified_outcomes([path], Rewrites(choose()), VerifyOptions(), progress)
    return result


def after(outcome: Outcome) -> str:
    assert outcome.change is not None
    return outcome.change.after.decode()


def test_what_behaves_the_same_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, verification = verified(tmp_path, monkeypatch, lambda asked: SAME)
    assert verification.verdict == "same"
    assert 'CMD ["flask", "run", "--port", "80"]' in after(outcome)


def test_the_step_with_the_exec_form_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, verification = verified(tmp_path, monkeypatch, lambda asked: DIFFERS if "CMD [" in asked[-1] else SAME)
    assert verification.verdict == "same"
    assert len(verification.culprits) == 1
    assert "CMD flask run --port 80" in after(outcome)


def test_a_difference_is_not_lost_where_its_step_can_not_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: list[str]) -> Judgement:
        if len(asked) == 1:
            return DIFFERS
        raise VerifyError("the image `x` can't be pulled")

    outcome, verification = verified(tmp_path, monkeypatch, answer)
    assert (verification.verdict, verification.culprits) == ("differs", ())
    assert verification.comparison is not None
    assert verification.comparison.differences == (DIFFERENCE,)
    assert verification.reason == "which step causes it could not be found: the image `x` can't be pulled"
    assert after(outcome) == DOCKERFILE


def test_what_can_not_be_told_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Judgement(Comparison("fails the same way"), None)
    outcome, verification = verified(tmp_path, monkeypatch, lambda asked: failing)
    assert verification.verdict == "fails the same way"
    assert after(outcome) == DOCKERFILE
