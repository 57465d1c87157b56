"""What `dockerslim fix` makes of each fixture.

`pytest --update-fixtures` writes it down as what is expected; read the diff before you commit it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dockerslim.dockerfile import Dockerfile, Stage
from tests.fixtures_catalogue import DOCKERFILE, IGNORE_FILE, ROOT, Fixed, FixtureCase, fix, load_cases
from tests.needed_copies import copy_of

CASES = load_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)

REQUIRED = (
    "go/static-http",
    "go/templates-at-run-time",
    "go/sqlite-cgo",
    "go/two-binaries",
    "node/express",
    "node/typescript-build",
    "node/native-addon",
    "node/workspaces",
    "python/flask-gunicorn",
    "python/fastapi-libpq",
    "python/psycopg2-full-image",
    "python/django-entrypoint",
    "python/sqlite-beside-code",
)
"""What people have: each of these builds and answers, before and after."""

TO_BE_LEFT_ALONE = (
    "go/dev-air",
    "node/dev-server",
    "node/no-cmd",
    "python/no-cmd",
    "node/unknown-base",
    "python/unknown-base",
    "go/already-good",
    "python/already-good",
    "python/conda",
    "python/port-in-shell-form",
    "go/compose-mount",
)
"""What a rewrite would break, or would only make different: never split."""

COMMANDS = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "STOPSIGNAL")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A fixture before and after `dockerslim fix --write`, and what the command says."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    diff: Fixed
    """`fix --verbose`, which writes nothing."""
    write: Fixed
    again: Fixed
    """`fix --verbose` on what the first run wrote."""

    @property
    def dockerfile(self) -> bytes:
        return self.after[DOCKERFILE]

    @property
    def is_left_alone(self) -> bool:
        return self.after == self.before


Rewriter = Callable[[FixtureCase], Rewrite]


@pytest.fixture(scope="session")
def rewrite(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Rewriter:
    """Rewrites a fixture, once in a session; with `--update-fixtures` the result becomes what is expected."""
    done: dict[str, Rewrite] = {}

    def rewrite_once(case: FixtureCase) -> Rewrite:
        if case.name not in done:
            folder = tmp_path_factory.mktemp("fixture") / "project"
            done[case.name] = _rewrite(case, case.lay_out(folder, case.before))
            if request.config.getoption("--update-fixtures"):
                _write_expected(case, done[case.name])
        return done[case.name]

    return rewrite_once


def _rewrite(case: FixtureCase, folder: Path) -> Rewrite:
    before = _files(folder)
    diff = fix(folder, *case.flags, "--verbose")
    assert _files(folder) == before, "a run without --write has written"
    write = fix(folder, *case.flags, "--write")
    return Rewrite(before, _files(folder), diff, write, fix(folder, *case.flags, "--verbose"))


def _write_expected(case: FixtureCase, rewrite: Rewrite) -> None:
    _write_or_remove(case.after_path, rewrite.dockerfile if rewrite.dockerfile != case.before else None)
    ignore = rewrite.after.get(IGNORE_FILE)
    _write_or_remove(case.after_ignore_path, ignore if ignore != rewrite.before.get(IGNORE_FILE) else None)
    _write_or_remove(case.output_path, rewrite.diff.talk.encode())


def _write_or_remove(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(data)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


# --- what comes out


@each_case
def test_expected_text(case: FixtureCase, rewrite: Rewriter) -> None:
    got = rewrite(case)

    if case.output is None:
        pytest.fail(f"nothing is written down yet for {case.name}: pytest --update-fixtures, then read what it made")
    assert got.dockerfile.decode() == (case.before if case.after is None else case.after).decode()
    expected_ignore = got.before.get(IGNORE_FILE) if case.after_ignore is None else case.after_ignore
    assert got.after.get(IGNORE_FILE) == expected_ignore
    assert got.diff.talk == case.output


@each_case
def test_exits_well_and_has_no_internal_error(case: FixtureCase, rewrite: Rewriter) -> None:
    got = rewrite(case)

    assert [got.diff.exit_code, got.write.exit_code, got.again.exit_code] == [0, 0, 0]
    assert "internal error" not in got.diff.talk + got.write.talk + got.again.talk


@each_case
def test_touches_no_other_file(case: FixtureCase, rewrite: Rewriter) -> None:
    got = rewrite(case)

    changed = {name for name in {*got.before, *got.after} if got.before.get(name) != got.after.get(name)}
    assert changed <= {DOCKERFILE, IGNORE_FILE}


@each_case
def test_second_run_is_silent(case: FixtureCase, rewrite: Rewriter) -> None:
    got = rewrite(case)

    assert got.again.result == b""
    assert _refused(got.again.talk) <= _refused(got.diff.talk), "refuses what the first run did not"


@each_case
def test_diff_applies(case: FixtureCase, rewrite: Rewriter, tmp_path: Path) -> None:
    """`git apply` makes of the diff what `--write` writes."""
    got = rewrite(case)
    project = case.lay_out(tmp_path / "project", case.before)
    subprocess.run(["git", "init", "--quiet", "."], cwd=project, check=True)

    if got.diff.result:
        subprocess.run(["git", "apply", "-"], cwd=project, check=True, input=got.diff.result)

    assert _files(project) == got.after


@each_case
def test_parses(case: FixtureCase, rewrite: Rewriter) -> None:
    got = rewrite(case)

    if got.dockerfile != case.before:
        assert Dockerfile.parse(got.dockerfile).problem is None


# --- is it what case.toml says?


@each_case
def test_outcome(case: FixtureCase, rewrite: Rewriter) -> None:
    before, after = Dockerfile.parse(case.before), Dockerfile.parse(rewrite(case).dockerfile)

    if case.outcome == "split":
        assert len(after.stages) > len(before.stages)
    elif case.outcome == "smaller":
        assert [stage.name for stage in after.stages] == [stage.name for stage in before.stages]
        assert after.final_stage.base != before.final_stage.base
    else:
        assert [stage.base for stage in after.stages] == [stage.base for stage in before.stages]
        assert [stage.name for stage in after.stages] == [stage.name for stage in before.stages]
    if case.outcome == "partial":
        assert after.data != before.data, "nothing is done: `leave`"
    if case.outcome == "leave":
        for old, new in zip(before.stages, after.stages, strict=True):
            assert _texts(after, new, "USER", *COMMANDS) == _texts(before, old, "USER", *COMMANDS)


@each_case
def test_a_copy_brings_what_is_needed(case: FixtureCase) -> None:
    """`needed_copies` names what the runtime stage has by a COPY; a name that none has proves nothing."""
    if case.outcome != "split" or case.probe is None or case.after is None:
        return
    after = Dockerfile.parse(case.after)
    assert [path for path in case.probe["needed_copies"] if copy_of(case, after, path) is None] == []


def test_what_people_have_is_here() -> None:
    cases = {case.name: case for case in CASES}

    assert [name for name in REQUIRED if name not in cases or cases[name].probe is None] == []
    assert [name for name in REQUIRED if name in cases and cases[name].outcome != "split"] == []


def test_what_must_be_left_alone_is_here() -> None:
    outcomes = {case.name: case.outcome for case in CASES}

    assert [name for name in TO_BE_LEFT_ALONE if outcomes.get(name, "split") == "split"] == []


def test_shell_form_of_an_entrypoint_that_has_a_cmd_stays(rewrite: Rewriter) -> None:
    """The shell form drops the words of CMD, the exec form would hand them over."""
    case = next(case for case in CASES if case.name == "go/shell-entrypoint-with-cmd")
    before, after = Dockerfile.parse(case.before), Dockerfile.parse(rewrite(case).dockerfile)

    assert _texts(after, after.final_stage, *COMMANDS) == _texts(before, before.final_stage, *COMMANDS)


def test_update_is_refused_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    command = [sys.executable, "-m", "pytest", "--update-fixtures", "--collect-only", "-q", "tests/test_fixtures.py"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--update-fixtures is for a developer's machine" in done.stderr


def _refused(talk: str) -> set[str]:
    return set(re.findall(r"^skipped\[([^]]+)\]", talk, re.MULTILINE))


def _texts(dockerfile: Dockerfile, stage: Stage, *keywords: str) -> list[str]:
    return [instruction.span.cut(dockerfile.text) for instruction in stage.all(*keywords)]
