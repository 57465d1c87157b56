"""Who may know whom, and what a start may cost."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerslim.engine.registry import load
from dockerslim.locate import catalogue_folder

ROOT = Path(__file__).resolve().parent.parent
SLOW = frozenset(
    {"rich", "pydantic", "python_on_whales", "psutil", "libcst", "jinja2", "tree_sitter", "yaml", "pathspec", "unidiff"}
)
"""Each takes longer to import than a small file takes to fix."""


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def test_the_package_names_no_transform() -> None:
    """By import or in a text: a new transform touches no other file."""
    ids = {transform.id for transform in load()} | {transform.name for transform in load()}
    found: list[str] = []
    for path in modules("dockerslim"):
        tree = ast.parse(path.read_text("utf-8"))
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in ids]
        found.extend(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}" for node in texts)
        found.extend(f"{path.relative_to(ROOT)}: {name}" for name in imported(path) if name.startswith("transforms"))

    assert found == []


@pytest.mark.parametrize("path", modules("transforms"), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_transform_knows_the_contract_and_facts_alone(path: Path) -> None:
    allowed = ("case", "engine.transform", "dockerfile", "split", "languages", "images", "context", "paths")
    ours = [name for name in imported(path) if name.partition(".")[0] in ("dockerslim", "transforms", "tests")]

    assert [name for name in ours if not name.startswith(tuple(f"dockerslim.{a}" for a in allowed))] == []


def test_a_file_of_the_catalogue_holds_one_transform() -> None:
    folder = catalogue_folder("transforms")
    files = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.py") if not path.name.startswith("_")}

    assert files == {f"{t.folder}/{t.id.replace('-', '_')}.py" for t in load()}


def test_everything_is_explained() -> None:
    """A module docstring everywhere."""
    paths = [path for folder in ("dockerslim", "transforms", "tests", "benchmarks") for path in modules(folder)]
    without = [path for path in paths if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]

    assert [path.relative_to(ROOT).as_posix() for path in without] == []


def loaded_by(code: str, folder: Path, depth: int = 1) -> set[str]:
    """The modules that are loaded after running a program, by so many parts of their names."""
    program = f"import sys\n{code}\nprint(*{{'.'.join(name.split('.')[:{depth}]) for name in sys.modules}})"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


RUN = """
from dockerslim.cli import main
sys.argv = ["dockerslim", {arguments}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def test_the_command_line_starts_without_what_is_slow(tmp_path: Path) -> None:
    assert loaded_by("import dockerslim.cli.app", tmp_path) & (SLOW | {"dockerfile_parse", "tomllib"}) == set()
    assert loaded_by(RUN.format(arguments='"--version"'), tmp_path) & SLOW == set()
    assert loaded_by(RUN.format(arguments='"fix", "--help"'), tmp_path) & SLOW == set()


def test_a_file_with_nothing_to_do_needs_nothing_slow(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM scratch\nUSER 1000\nCMD ["/app"]\n', "utf-8")

    assert loaded_by(RUN.format(arguments='"fix", "Dockerfile"'), tmp_path) & SLOW == set()


def test_one_language_does_not_load_the_others(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM golang:1.23\nRUN go build -o /app .\nCMD ["/app"]\n', "utf-8")
    (tmp_path / "go.mod").write_text("module example.com/app\n\ngo 1.23\n", "utf-8")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n", "utf-8")

    loaded = loaded_by(RUN.format(arguments='"fix", "Dockerfile"'), tmp_path, depth=3)

    assert "dockerslim_transforms.go.split_stages" in loaded
    assert {
        name for name in loaded if name.startswith(("dockerslim_transforms.node", "dockerslim_transforms.py"))
    } == set()
    assert loaded & {"rich", "pydantic", "libcst", "yaml", "tree_sitter_javascript"} == set()
