"""Many files at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dockerslim.case import Case, Options
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.transform import Fix, Skip, Transform
from dockerslim.fleet.fix_all import Outcome, contradicted_lines, fix_all, fix_data, ignore_changes, shown


def wanting(*lines: str) -> Transform:
    """Wants lines in .dockerignore that no Dockerfile of the context contradicts."""

    def plan(case: Case) -> Iterator[Fix | Skip]:
        assert case.context is not None
        present = (case.context.ignore_text or "").splitlines()
        missing = tuple(x for x in lines if x not in present and x not in case.options.refused_ignore_lines)
        if missing:
            yield Fix((), why="for a test", ignore_lines=missing)

    transform = Transform(id="want", title="For a test")
    transform.plan(plan)
    return transform


def outcomes(folder: Path, *lines: str) -> list[Outcome]:
    paths = sorted(folder.glob("Dockerfile*"))
    return list(fix_all(paths, [wanting(*lines)], Options(), folder))


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_bytes(text.encode())


def test_lines_of_several_files_are_merged(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile="FROM a\n", Dockerfile__b="FROM b\n")

    [change] = ignore_changes(outcomes(tmp_path, "x", "y"))

    assert (change.path, change.before, change.after) == (tmp_path / ".dockerignore", None, b"x\ny\n")


def test_existing_text_stays_as_it_is(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile="FROM a\n", __dockerignore="a\r\nb")
    (tmp_path / ".dockerignore").write_bytes(b"a\r\nb")

    [change] = ignore_changes(outcomes(tmp_path, "x"))

    assert change.after == b"a\r\nb\r\nx\r\n"


def test_a_line_that_another_file_contradicts_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile="FROM a\n", Dockerfile__b="FROM b\nCOPY web/node_modules /srv/\n")

    [change] = ignore_changes(outcomes(tmp_path, "**/node_modules", ".git"))

    assert change.after == b".git\n"


def test_contradictions() -> None:
    dockerfile = Dockerfile.of_text("FROM a\nCOPY .git/HEAD /srv/\nCOPY --from=x node_modules /srv/\nADD .venv /v/\n")

    assert contradicted_lines(dockerfile) == {".git", "**/.venv"}


def test_one_fault_does_not_stop_the_others(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile="hello\n", Dockerfile__b="FROM b\n", Dockerfile__c="FROM {{ c }}\n")

    rejected, good, template = outcomes(tmp_path)

    assert rejected.failure is not None and rejected.failure.line == 1
    assert good.result is not None
    assert template.left_alone is not None


def test_data_without_a_file(tmp_path: Path) -> None:
    outcome = fix_data(b"FROM a\n", tmp_path / "none" / "Dockerfile", [], Options(), tmp_path)

    assert outcome.change is not None
    assert not outcome.change.changed


def test_paths_are_shown_as_they_were_named() -> None:
    assert shown(Path("a/Dockerfile")) == "a/Dockerfile"
    assert shown(Path("../a/Dockerfile")) == "../a/Dockerfile"
    assert shown(Path.cwd() / "a" / "Dockerfile") == "a/Dockerfile"
    assert shown(Path.cwd().parent / "Dockerfile") == (Path.cwd().parent / "Dockerfile").as_posix()
