"""`fix --verify`: what is written, what is said, and how it ends, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dockerslim.cli import verified_fix
from dockerslim.fleet.fix_all import FileChange, Outcome, fix_file, shown
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.verification import Comparison, Culprit, Difference, ImageFigures, Verification
from tests.cli.command import BEFORE, dockerslim, put

Judge = Callable[[Outcome], tuple[Outcome, Verification]]
DIFFERENCE = Difference("GET :8080/", "200", "500")


def figures(size: int) -> ImageFigures:
    return ImageFigures(size, None, 1, None, None, "", (), "root")


def unchanged(outcome: Outcome) -> Outcome:
    assert outcome.change is not None and outcome.result is not None and outcome.change.before is not None
    change = FileChange(outcome.path, outcome.change.before, outcome.change.before)
    return replace(outcome, change=change, result=replace(outcome.result, text=outcome.result.before.text, steps=()))


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Judge], None]:
    """Puts a verdict in the place of building and running."""

    def put_in_place(judge: Judge) -> None:
        def verified_outcomes(
            paths: Sequence[Path],
            rewrites: Rewrites,
            verify_options: VerifyOptions,
            progress: Progress,
        ) -> Generator[tuple[Outcome, Verification], None, None]:
            assert not verify_options.measure and not verify_options.reads_images
            for path in paths:
                progress.file(shown(path))
                yield judge(fix_file(path, rewrites.selection, rewrites.options, rewrites.context))

        monkeypatch.setattr(verified_fix, "verified_outcomes", verified_outcomes)

    return put_in_place


def same(outcome: Outcome) -> tuple[Outcome, Verification]:
    return outcome, Verification(outcome.shown, "same", before=figures(905_000_000), after=figures(9_900_000))


def test_what_behaves_the_same_is_written(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    judged(same)
    path = tmp_path / "Dockerfile"
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify", "--write")
    assert (done.code, done.out) == (0, b"")
    assert "verified Dockerfile: behaves the same, 905 MB before, 9.9 MB after\n" in done.err
    assert path.read_bytes() != BEFORE


def test_what_could_not_be_told_is_left_as_it_is(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    def judge(outcome: Outcome) -> tuple[Outcome, Verification]:
        verification = Verification(
            outcome.shown, "could not tell", reason="the original does not build", help="mend it", logs=(Path("/l"),)
        )
        return unchanged(outcome), verification

    judged(judge)
    path = tmp_path / "Dockerfile"
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify", "--write")
    assert done.code == 2
    assert "error: Dockerfile is left as it is: the original does not build\n" in done.err
    assert "help: mend it" in done.err
    assert "log: /l" in done.err
    assert path.read_bytes() == BEFORE


def test_the_culprit_is_named_and_the_rest_is_printed(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    judged(lambda outcome: (outcome, replace(same(outcome)[1], culprits=(Culprit("add-user", DIFFERENCE),))))
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify")
    assert done.code == 0
    assert done.out.startswith(b"--- a/Dockerfile\n")
    assert "warning[add-user]: Dockerfile: left out: GET :8080/: 200 before, 500 after\n" in done.err
    assert "behaves the same without add-user" in done.err


def test_a_difference_whose_step_could_not_be_found_is_told(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    note = "which step causes it could not be found: the image can't be pulled"

    def judge(outcome: Outcome) -> tuple[Outcome, Verification]:
        comparison = Comparison("differs", (DIFFERENCE,), notes=(note,))
        return unchanged(outcome), Verification(outcome.shown, "differs", comparison, reason=note)

    judged(judge)
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify", "--write")
    assert done.code == 2
    assert f"error: Dockerfile is left as it is: GET :8080/: 200 before, 500 after; {note}\n" in done.err
    assert (tmp_path / "Dockerfile").read_bytes() == BEFORE


def test_a_rest_about_which_nothing_could_be_told_is_left_out(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    def judge(outcome: Outcome) -> tuple[Outcome, Verification]:
        culprits = (Culprit("add-user", DIFFERENCE),)
        return unchanged(outcome), Verification(
            outcome.shown, "could not tell", culprits=culprits, reason="what it does could not be compared"
        )

    judged(judge)
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify", "--write")
    assert done.code == 2
    assert "error: Dockerfile is left as it is: what it does could not be compared\n" in done.err
    assert (tmp_path / "Dockerfile").read_bytes() == BEFORE


def test_the_images_that_were_tried(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    tried = (("distroless/static", DIFFERENCE.sentence), ("distroless/base", "same"))
    judged(lambda outcome: (outcome, replace(same(outcome)[1], runtime_tried=tried)))
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify")
    assert "Dockerfile: tried distroless/static: GET :8080/: 200 before, 500 after\n" in done.err
    assert "Dockerfile: tried distroless/base: same\n" in done.err
    assert "tried" not in dockerslim(tmp_path, "fix", "--verify", "--quiet").err


def test_without_an_engine_nothing_is_changed(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    def judge(outcome: Outcome) -> tuple[Outcome, Verification]:
        raise VerifyError("no engine answers", "start Docker")

    judged(judge)
    path = tmp_path / "Dockerfile"
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify", "--write")
    assert done.code == 2
    assert done.err.count("error: no engine answers") == 1
    assert path.read_bytes() == BEFORE


def test_check_tells_what_would_change(tmp_path: Path, judged: Callable[[Judge], None]) -> None:
    judged(same)
    put(tmp_path, Dockerfile=BEFORE)
    done = dockerslim(tmp_path, "fix", "--verify", "--check")
    assert (done.code, done.out) == (1, b"would change Dockerfile\n")
