"""From the smallest runtime image up, and no further than the facts' own choice."""

from __future__ import annotations

from pathlib import Path

from dockerslim.case import Options
from dockerslim.engine.registry import choose
from dockerslim.fleet.fix_all import Outcome, fix_file
from dockerslim.fleet.open_case import open_case
from dockerslim.verify.smallest_runtime import RuntimeTrial, runtime_trials, smallest_runtime
from dockerslim.verify.verification import Difference

GO = {
    "go.mod": "module example.com/app\n\ngo 1.23\n",
    "main.go": 'package main\n\n// #include <stdio.h>\nimport "C"\n\nfunc main() { C.puts(C.CString("hello")) }\n',
}
GO_DOCKERFILE = 'FROM {image}\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\nCMD ["./app"]\n'


def _trials(folder: Path, image: str, options: Options | None = None) -> tuple[RuntimeTrial, ...]:
    for name, text in {**GO, "Dockerfile": GO_DOCKERFILE.format(image=image)}.items():
        (folder / name).write_text(text, "utf-8")
    path, options = folder / "Dockerfile", options or Options()
    case = open_case(path.read_bytes(), path, "Dockerfile", options)

    def fix(options: Options) -> Outcome:
        return fix_file(path, choose(), options, None)

    return runtime_trials(case, fix(options), fix)


def _names(trials: tuple[RuntimeTrial, ...]) -> list[str]:
    return [trial.image.removeprefix("gcr.io/distroless/") for trial in trials]


def test_only_what_is_smaller_than_the_choice_of_the_facts(tmp_path: Path) -> None:
    # A program that is linked against glibc gets distroless base; static is all that is smaller.
    assert _names(_trials(tmp_path, "golang:1.23")) == ["static-debian13"]


def test_everything_where_the_facts_refuse(tmp_path: Path) -> None:
    # The release of this tag floats, so no image is known to have a glibc that is new enough.
    names = _names(_trials(tmp_path, "golang"))
    assert names == ["static-debian13", "base-debian13", "cc-debian13", "debian:stable-slim"]


def test_none_where_an_image_was_asked_for(tmp_path: Path) -> None:
    assert _trials(tmp_path, "golang", Options(runtime="slim")) == ()


def test_the_first_that_behaves_as_before_is_taken(tmp_path: Path) -> None:
    trials = _trials(tmp_path, "golang")
    asked: list[Outcome] = []

    def attempt(outcome: Outcome) -> Difference | None:
        asked.append(outcome)
        return None if len(asked) == 2 else Difference("the program", "serves", "not started")

    smallest = smallest_runtime(trials, attempt)

    assert smallest.outcome is trials[1].outcome
    assert asked == [trials[0].outcome, trials[1].outcome]
    assert smallest.tried == (
        ("gcr.io/distroless/static-debian13", "the program: serves before, not started after"),
        ("gcr.io/distroless/base-debian13", "same"),
    )


def test_none_behaves_as_before(tmp_path: Path) -> None:
    trials = _trials(tmp_path, "golang:1.23")
    smallest = smallest_runtime(trials, lambda outcome: Difference("the program", "serves", "not started"))
    assert smallest.outcome is None
    assert len(smallest.tried) == 1
