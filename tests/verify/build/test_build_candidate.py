"""What a build is asked for, what is told while it runs, what is kept when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dockerslim.verify.build.build_candidate import BuildSettings, build_candidate
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextChanges, ContextEdit
from dockerslim.verify.build.kept_logs import KeptLogs
from dockerslim.verify.build.measure_times import change_mark, measure_times
from dockerslim.verify.engine.container_requests import BuildRequest
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import BuildFailed, VerifyError
from dockerslim.verify.verification import Times

RUN = RunIdentity("0123456789ab")
AFTER = Candidate("after", b"FROM a\n", None)
PULLED = "#4 extracting sha256:0123456789abcdef"
CHANGES = ContextChanges(ContextEdit("app.py", "# {}"), ContextEdit("needs.txt", "# {}"))


class FakeEngine:
    """Prints the lines that it is given for each build in turn, and notes what it is asked."""

    def __init__(self, *outputs: tuple[str, ...] | VerifyError) -> None:
        self.outputs = list(outputs)
        self.requests: list[BuildRequest] = []
        self.asked: list[str] = []

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> str:
        self.requests.append(request)
        self.asked.append(f"build {request.tag.rpartition(':')[2]}")
        output = self.outputs.pop(0) if self.outputs else ()
        for line in output if isinstance(output, tuple) else ("#5 [2/2] RUN false", "#5 0.1 oh"):
            on_line(line)
        if isinstance(output, VerifyError):
            raise output
        return "sha256:1"

    def configuration(self, image: str) -> ImageConfiguration:
        return ImageConfiguration(image, 1, ())

    def remove_image(self, image: str) -> None:
        self.asked.append(f"remove {image.rpartition(':')[2]}")

    def forget_cache_mounts(self) -> None:
        self.asked.append("forget")


class FakeWorkspace:
    context = Path("/w/context")

    def __init__(self) -> None:
        self.edits: list[str] = []
        self.open: str = ""

    def candidate_folder(self, candidate: Candidate) -> Path:
        return Path("/w") / candidate.name / "Dockerfile"

    @contextmanager
    def edited(self, edit: ContextEdit, mark: str) -> Iterator[None]:
        self.edits.append(f"{edit.path} {mark}")
        yield
        self.edits.append("undone")


def ignore(text: str) -> None:
    pass


def test_the_request() -> None:
    engine = FakeEngine()
    settings = BuildSettings({"A": "1"}, ("id=t,src=t.txt",), "default", "linux/arm64", "web")

    build_candidate(engine, RUN, FakeWorkspace(), AFTER, settings, ignore)

    assert engine.requests == [
        BuildRequest(
            Path("/w/context"),
            Path("/w/after/Dockerfile"),
            "dockerslim-verify:0123456789ab-after",
            {"A": "1", "BUILDKIT_CACHE_MOUNT_NS": "dockerslim-0123456789ab-cache"},
            ("id=t,src=t.txt",),
            "default",
            "linux/arm64",
            "web",
            cache=True,
        )
    ]
    assert engine.asked == ["build 0123456789ab-after"]


def test_a_cold_build_starts_without_cache_mounts() -> None:
    engine = FakeEngine()

    build_candidate(engine, RUN, FakeWorkspace(), AFTER, BuildSettings(), ignore, cold=True, tag_suffix="-cold")

    assert engine.asked == ["forget", "build 0123456789ab-after-cold"]
    assert not engine.requests[0].cache


def test_each_step_is_told_once() -> None:
    said: list[str] = []
    lines = ("#1 [1/2] FROM a", "#1 DONE 0.0s", PULLED.replace("#4", "#1"), "#2 [2/2] RUN b", "#2 0.1 x", "#2 0.2 y")

    built = build_candidate(FakeEngine(lines), RUN, FakeWorkspace(), AFTER, BuildSettings(), said.append)

    assert said == ["1/2: FROM a", "2/2: RUN b"]
    assert built.fetched_base
    assert built.log.splitlines() == list(lines)
    assert built.image_id == built.configuration.id == "sha256:1"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (BuildFailed("RUN false failed", output="the whole log"), "the whole log"),
        (VerifyError("not done after 1800 s"), "#5 [2/2] RUN false\n#5 0.1 oh\n"),
    ],
)
def test_the_log_of_a_failure_is_kept(tmp_path: Path, error: VerifyError, text: str) -> None:
    with pytest.raises(VerifyError) as caught:
        build_candidate(
            FakeEngine(error),
            RUN,
            FakeWorkspace(),
            AFTER,
            BuildSettings(),
            ignore,
            logs=KeptLogs(tmp_path, "Dockerfile"),
        )

    assert caught.value is error
    assert error.log is not None
    assert error.log.read_text() == text


def measured(
    engine: FakeEngine, workspace: FakeWorkspace, changes: ContextChanges = CHANGES
) -> tuple[Times, list[str]]:
    notes: list[str] = []
    times = measure_times(engine, RUN, workspace, AFTER, BuildSettings(), changes, ignore, note=notes.append)
    return times, notes


def test_what_is_timed() -> None:
    engine, workspace = FakeEngine(), FakeWorkspace()

    times, notes = measured(engine, workspace)

    assert None not in (times.cold, times.source_change, times.dependency_change)
    assert notes == []
    assert engine.asked == [
        "forget",
        "build 0123456789ab-after-cold",
        "remove 0123456789ab-after-cold",
        "build 0123456789ab-after-source",
        "remove 0123456789ab-after-source",
        "build 0123456789ab-after-dependency",
        "remove 0123456789ab-after-dependency",
    ]
    assert [request.cache for request in engine.requests] == [False, True, True]
    assert [edit.split()[0] for edit in workspace.edits] == ["app.py", "undone", "needs.txt", "undone"]


def test_a_cold_build_that_fetched_its_base_is_repeated() -> None:
    engine = FakeEngine(("#4 [1/2] FROM a", PULLED))

    measured(engine, FakeWorkspace(), ContextChanges(None, None))

    assert engine.asked.count("build 0123456789ab-after-cold") == 2
    assert engine.asked.count("forget") == 2


def test_nothing_to_edit() -> None:
    times, notes = measured(FakeEngine(), FakeWorkspace(), ContextChanges(None, CHANGES.dependency))

    assert times.source_change is None
    assert times.dependency_change is not None
    assert notes == []


def test_a_rebuild_that_fails_leaves_its_figure_out() -> None:
    times, notes = measured(FakeEngine((), BuildFailed("RUN lint failed")), FakeWorkspace())

    assert times.cold is not None
    assert times.source_change is None
    assert times.dependency_change is not None
    assert notes == ["after: the build after a source change is not timed: RUN lint failed"]


def test_without_a_cold_build_there_are_no_rebuilds() -> None:
    engine = FakeEngine(VerifyError("no space left"))

    times, notes = measured(engine, FakeWorkspace())

    assert times == Times()
    assert notes == ["after: the cold build is not timed: no space left"]
    assert engine.asked == ["forget", "build 0123456789ab-after-cold"]


def test_no_two_builds_have_the_same_mark() -> None:
    marks = {
        change_mark(run, Candidate(name, b"", None), what)
        for run in (RUN, RunIdentity("ba9876543210"))
        for name in ("before", "after")
        for what in ("source", "dependency")
    }

    assert len(marks) == 8
    assert {len(mark) for mark in marks} == {12}


def test_a_layer_that_another_client_removed_is_exported_again() -> None:
    lost = BuildFailed("`exporting to image` failed: layer does not exist")
    engine = FakeEngine(lost)
    built = build_candidate(engine, RUN, FakeWorkspace(), AFTER, BuildSettings(), ignore)
    assert built.image_id == "sha256:1"
    assert [request.cache for request in engine.requests] == [True, False]

    with pytest.raises(BuildFailed):
        build_candidate(FakeEngine(lost, lost), RUN, FakeWorkspace(), AFTER, BuildSettings(), ignore)
