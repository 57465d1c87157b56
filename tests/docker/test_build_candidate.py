"""Candidates built by a real engine: what they see, what is cached, what a rebuild costs, what is left behind."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerslim.verify.build.build_candidate import BuildSettings, build_candidate
from dockerslim.verify.build.build_log import BuildLog
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextChanges, ContextEdit
from dockerslim.verify.build.kept_logs import KeptLogs
from dockerslim.verify.build.measure_times import change_mark, measure_times
from dockerslim.verify.build.workspace import Workspace
from dockerslim.verify.engine.cleanup import remove_everything
from dockerslim.verify.engine.container_engine import ContainerEngine
from dockerslim.verify.engine.container_requests import ContainerRequest
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import BuildFailed
from dockerslim.verify.observe.compose_mounts import PlannedMount
from dockerslim.verify.observe.run_mounts import fresh_mounts
from dockerslim.verify.options import VerifyOptions

pytestmark = pytest.mark.docker

INSTALL = (
    "RUN --mount=type=cache,target=/cache "
    "if test -e /cache/full; then echo was warm; else echo was cold; fi; touch /cache/full"
)
CHANGES = ContextChanges(ContextEdit("app.sh", "# {}"), ContextEdit("needs.txt", "# {}"))


class Bench:
    """A run with its engine, and the workspace of a small context."""

    def __init__(self, folder: Path) -> None:
        self.run = RunIdentity.new()
        self.engine = ContainerEngine.connect(VerifyOptions(), self.run)
        self.root = folder / "project"
        self.root.mkdir()
        for name in ("app.sh", "needs.txt", "secret"):
            (self.root / name).write_text(f"{name}\n")
        (self.root / ".dockerignore").write_text("secret\n")
        self.folder = folder / "workspace"
        self.workspace = Workspace.create(self.folder, self.root, self.root / "Dockerfile", None)

    def images(self) -> list[str]:
        label = f"label={RunIdentity.LABEL}={self.run.id}"
        listed = subprocess.run(
            ["docker", "image", "ls", "--quiet", "--filter", label], check=True, capture_output=True, text=True
        )
        return listed.stdout.split()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    try:
        yield bench
    finally:
        assert remove_everything([bench.engine.watched], bench.run.id).complete


def candidate(name: str, *lines: str, ignore: bytes | None = None) -> Candidate:
    return Candidate(name, "".join(f"{line}\n" for line in ("FROM alpine:3", *lines)).encode(), ignore)


def build_log(bench: Bench, built: Candidate, *, cold: bool = False) -> str:
    return build_candidate(
        bench.engine, bench.run, bench.workspace, built, BuildSettings(), lambda _: None, cold=cold
    ).log


def test_each_candidate_has_an_ignore_file_of_its_own(bench: Bench) -> None:
    lines = ("COPY . /seen", "RUN ls -A /seen")

    without = build_log(bench, candidate("before", *lines), cold=True)
    with_one = build_log(bench, candidate("after", *lines, ignore=b"needs.txt\n"), cold=True)

    assert [name in without for name in (" secret\n", " needs.txt\n")] == [True, True]
    assert [name in with_one for name in (" secret\n", " needs.txt\n")] == [True, False]


def test_the_steps_are_told_and_the_image_is_labelled(bench: Bench) -> None:
    said: list[str] = []
    built = build_candidate(
        bench.engine,
        bench.run,
        bench.workspace,
        candidate("before", "RUN echo hello", "ARG WHO", "ENV WHO=$WHO"),
        BuildSettings(arguments={"WHO": "world"}),
        said.append,
    )

    assert "2/2: RUN echo hello" in said
    assert built.tag == bench.run.tag("before")
    assert built.configuration.environment["WHO"] == "world"
    assert built.configuration.id == built.image_id
    assert not built.fetched_base
    assert len(bench.images()) == 1


def test_a_failed_build_leaves_its_log(bench: Bench, tmp_path: Path) -> None:
    logs = KeptLogs(tmp_path / "logs", "api/Dockerfile")

    with pytest.raises(BuildFailed) as caught:
        build_candidate(
            bench.engine,
            bench.run,
            bench.workspace,
            candidate("after", "RUN echo the last words && exit 3"),
            BuildSettings(),
            lambda _: None,
            logs=logs,
        )

    assert caught.value.log is not None
    assert caught.value.log.name == "api-Dockerfile-after.log"
    assert "the last words" in caught.value.log.read_text()


def test_a_cold_build_finds_no_cache(bench: Bench) -> None:
    built = candidate("before", INSTALL, "COPY app.sh /")

    first = build_log(bench, built, cold=True)
    again = build_log(bench, built, cold=True)
    warm = build_log(bench, built)

    assert "was cold" in first
    assert "was cold" in again
    assert BuildLog.of(warm.splitlines()).was_cached(INSTALL) is True


def test_rebuilds_are_timed_and_leave_nothing(bench: Bench) -> None:
    notes: list[str] = []
    said: list[str] = []
    times = measure_times(
        bench.engine,
        bench.run,
        bench.workspace,
        candidate("after", "COPY needs.txt /", INSTALL, "COPY . /app", "RUN sleep 0.5"),
        BuildSettings(),
        CHANGES,
        said.append,
        note=notes.append,
    )

    assert notes == []
    assert times.cold is not None and times.cold > 0.5
    assert times.source_change is not None and times.source_change > 0.5
    assert times.dependency_change is not None and times.dependency_change > 0.5
    assert any(step.startswith("dependency: ") for step in said)
    assert bench.images() == []
    assert (bench.workspace.context / "app.sh").read_text() == "app.sh\n"


def test_what_a_change_of_source_runs_again(bench: Bench) -> None:
    built = candidate("after", "COPY needs.txt /", INSTALL, "COPY . /app", "RUN true")
    build_log(bench, built, cold=True)

    with bench.workspace.edited(ContextEdit("app.sh", "# {}"), change_mark(bench.run, built, "source")):
        source = BuildLog.of(build_log(bench, built).splitlines())
    with bench.workspace.edited(ContextEdit("needs.txt", "# {}"), change_mark(bench.run, built, "dependency")):
        text = build_log(bench, built)

    assert [source.was_cached(step) for step in (INSTALL, "RUN true")] == [True, False]
    assert BuildLog.of(text.splitlines()).was_cached(INSTALL) is False
    assert "was warm" in text


def test_a_volume_holds_a_copy_of_a_folder(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "picture").write_text("as it was")
    mounts = (PlannedMount("/uploads", folder), PlannedMount("/run/app", is_for_all=True))

    with fresh_mounts(bench.engine, bench.run, mounts, "alpine:3") as volumes:
        request = ContainerRequest(
            "alpine:3",
            command=("sh", "-c", "touch /run/app/pid && echo changed >> /uploads/picture; sleep 9"),
            mounts=volumes,
            user=f"{folder.stat().st_uid}",
        )
        container = bench.engine.create(request, bench.run.name("app"))
        assert bench.engine.start(container) == ""
        waiting = "until grep changed /uploads/picture; do sleep 0.1; done"
        seen = bench.engine.execute(container, ("sh", "-c", waiting), timeout=8)
        bench.engine.remove_container(container)

    assert seen.output == b"as it waschanged\n"
    assert (folder / "picture").read_text() == "as it was"
