"""What is kept out of the build context, and what must not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Options
from dockerslim.engine.registry import choose
from dockerslim.fleet.fix_all import fix_all, ignore_changes
from tests.transforms.rewriting import rewrite

PYTHON = "FROM python:3.12-slim\nCOPY . .\nRUN pip install flask\n"
NODE = "FROM node:20\nCOPY . .\nRUN npm ci\n"
GO = "FROM golang:1.23\nCOPY . .\nRUN go build\n"
APP = {"app.py": ""}
CACHES = ("**/__pycache__", "**/.venv")
MODULES = ("**/node_modules",)


def lines(
    text: str, files: dict[str, str] | None = None, *, git: bool = False, ignore: str | None = None
) -> tuple[str, ...]:
    got = rewrite("write-dockerignore", text, APP if files is None else files, ignore=ignore, has_git=git)
    assert got.text == text
    assert got.reasons == ()
    return got.ignore_lines


@pytest.mark.parametrize(
    ("text", "files", "git", "expected"),
    [
        (PYTHON, APP, False, CACHES),
        (PYTHON, APP, True, (".git", *CACHES)),
        (PYTHON.replace("COPY", "ADD"), APP, False, CACHES),
        (PYTHON, {**APP, "env/pyvenv.cfg": "", ".venv/pyvenv.cfg": ""}, False, (*CACHES, "env")),
        (PYTHON, {**APP, "api/venv/pyvenv.cfg": "", "a b/pyvenv.cfg": ""}, False, (*CACHES, "api/venv")),
        (PYTHON + 'CMD ["env/bin/python", "a"]\n', {**APP, "env/pyvenv.cfg": ""}, False, CACHES),
        (PYTHON + "RUN python -m venv env && env/bin/pip list\n", {"env/pyvenv.cfg": ""}, False, (*CACHES, "env")),
        (PYTHON + "COPY env /opt/env\n", {**APP, "env/pyvenv.cfg": ""}, False, CACHES),
        (PYTHON.replace("pip install flask", "uv sync"), APP, False, CACHES),
        (NODE, {"package.json": "{}"}, False, MODULES),
        (NODE.replace("npm ci", "yarn"), {"package.json": "{}"}, False, MODULES),
        (NODE.replace("npm ci", "yarn --frozen-lockfile"), {"package.json": "{}"}, False, MODULES),
        (NODE.replace("npm ci", "corepack enable && pnpm i"), {"package.json": "{}"}, False, MODULES),
        (NODE.replace("npm ci", "npm --prefix web install"), {"package.json": "{}"}, False, MODULES),
        (GO, {"go.mod": "module m\n"}, True, (".git",)),
        (GO, {"go.mod": "module m\n"}, False, ()),
        # Without an install the host's packages are what the image runs with.
        (NODE.replace("npm ci", "npm run build"), {"package.json": "{}"}, False, ()),
        (NODE.replace("npm ci", "npm run ci"), {"package.json": "{}"}, False, ()),
        (NODE.replace("npm ci", "npm install -g pm2"), {"package.json": "{}"}, False, ()),
        (NODE.replace("npm ci", "yarn build"), {"package.json": "{}"}, False, ()),
        (NODE.replace("RUN npm ci\n", ""), {"package.json": "{}"}, False, ()),
        # Nothing is copied whole.
        ("FROM python:3.12-slim\nCOPY app.py .\nRUN pip install x\n", APP, True, ()),
        ("FROM python:3.12-slim\nCOPY src/ .\nRUN pip install x\n", {"src/a.py": ""}, True, ()),
        ("FROM python:3.12-slim AS a\nCOPY x x\n\nFROM a\nCOPY --from=a . .\nRUN pip install x\n", {"x": ""}, True, ()),
    ],
)
def test_wanted_lines(text: str, files: dict[str, str], git: bool, expected: tuple[str, ...]) -> None:
    assert lines(text, files, git=git) == expected


@pytest.mark.parametrize(
    ("ignore", "expected"),
    [
        ("*.log\n", (".git", *CACHES)),
        ("*.log", (".git", *CACHES)),
        ("*.log\r\n.git\r\n", CACHES),
        (".git\n__pycache__\n", ("**/.venv",)),
        (".git/objects\n", (".git", *CACHES)),
        ("*\n!app.py\n", ()),
        ("**\n!app.py\n!src/\n", ()),
        # What the author brings back is the author's word.
        (".git\n!.git\n", CACHES),
        ("!.git\n", CACHES),
        ("**/.venv\n!srv/.venv\n**/__pycache__\n", (".git",)),
        # A broken file fails the build, whatever stands below.
        ("[\n", ()),
    ],
)
def test_lines_in_force(ignore: str, expected: tuple[str, ...]) -> None:
    assert lines(PYTHON, git=True, ignore=ignore) == expected


@pytest.mark.parametrize(
    ("copy", "hidden"),
    [
        ("COPY .git .git\n", ".git"),
        ("COPY .git/HEAD /x\n", ".git"),
        ('COPY [".git", ".git"]\n', ".git"),
        ("ADD ./.git/refs /x\n", ".git"),
        ("COPY .venv /venv\n", "**/.venv"),
        ("COPY srv/.venv /venv\n", "**/.venv"),
        ("RUN --mount=type=bind,source=.git,target=.git make\n", ".git"),
        ("RUN --mount=source=.git/HEAD,target=h make\n", ".git"),
    ],
)
def test_what_is_named_stays(copy: str, hidden: str) -> None:
    text = PYTHON.replace("COPY . .\n", copy + "COPY . .\n")

    assert lines(text, {**APP, ".venv/x": "", "srv/.venv/x": ""}, git=True) == tuple(
        line for line in (".git", *CACHES) if line != hidden
    )


def test_packages_that_are_copied_by_name_stay() -> None:
    text = NODE.replace("COPY . .", "COPY web/node_modules/x ./x\nCOPY . .")

    assert lines(text, {"package.json": "{}", "web/node_modules/x": ""}) == ()
    assert (
        lines(NODE + "\nFROM node:20\nCOPY --from=0 /node_modules /node_modules\n", {"package.json": "{}"}) == MODULES
    )


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("git describe > v", {}),
        ("git -C /x rev-parse HEAD > v", {}),
        ("git --no-pager log > v", {}),
        ("", {"Makefile": "V := $(shell git describe)\n"}),
        ("", {"common.mk": "git rev-parse HEAD\n"}),
        ("", {"scripts/build.sh": "git rev-parse HEAD\n"}),
        ("", {"scripts/version.js": "execFileSync('git', ['rev-parse', 'HEAD'])\n"}),
        ("", {"setup.py": "subprocess.run(['git', 'describe'])\n"}),
        ("", {"pyproject.toml": "[tool.setuptools_scm]\n"}),
        ("", {"pyproject.toml": 'requires = ["setuptools-scm>=8"]\n'}),
        ("", {"pyproject.toml": '[tool.hatch.version]\nsource = "vcs"\n[build-system]\nrequires = ["hatch-vcs"]\n'}),
        ("", {"pyproject.toml": '[tool.pdm.version]\nsource = "scm"\n'}),
        ("", {"setup.cfg": "[metadata]\n", "setup.py": "setup(setup_requires=['pbr'], pbr=True)\n"}),
        ("", {"vite.config.ts": "execSync('git rev-parse --short HEAD')\n"}),
        ("", {"docusaurus.config.js": "showLastUpdateTime: true\n"}),
        ("", {".goreleaser.yml": "project_name: goreleaser\n"}),
    ],
)
def test_history_that_something_asks_for(run: str, files: dict[str, str]) -> None:
    text = PYTHON + (f"RUN {run}\n" if run else "")

    assert lines(text, {**APP, **files}, git=True) == CACHES


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (GO, "package main\n\nfunc main() { debug.ReadBuildInfo() }\n"),
        (GO.replace("COPY", "ENV GOFLAGS=-buildvcs=true\nCOPY"), "package main\n"),
        (GO.replace("go build", "go build -buildvcs=true"), "package main\n"),
    ],
)
def test_go_that_stamps_the_revision(text: str, source: str) -> None:
    assert lines(text, {"go.mod": "module m\n", "main.go": source}, git=True) == ()


def test_no_other_file_may_be_made() -> None:
    options = Options(can_write_ignore=False)

    assert rewrite("write-dockerignore", PYTHON, APP, has_git=True, options=options).ignore_lines == ()


def test_a_line_that_another_dockerfile_contradicts() -> None:
    options = Options(refused_ignore_lines=frozenset({".git"}))

    assert rewrite("write-dockerignore", PYTHON, APP, has_git=True, options=options).ignore_lines == CACHES


# --- on disk


def written(folder: Path, files: dict[str, str]) -> dict[str, bytes]:
    """The ignore files that come of a run over `Dockerfile`, by name."""
    for name, text in {"Dockerfile": PYTHON, "app.py": "", ".git/HEAD": "ref: x\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    outcomes = tuple(fix_all([folder / "Dockerfile"], choose(("write-dockerignore",)), Options()))
    return {change.path.name: change.after for change in ignore_changes(outcomes)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.log\n", b"*.log\n.git\n**/__pycache__\n**/.venv\n"),
        ("*.log", b"*.log\n.git\n**/__pycache__\n**/.venv\n"),
        ("*.log\r\n# x\r\n", b"*.log\r\n# x\r\n.git\r\n**/__pycache__\r\n**/.venv\r\n"),
        ("\ufeff*.log\n", "\ufeff*.log\n.git\n**/__pycache__\n**/.venv\n".encode()),
    ],
)
def test_completes_a_file_as_it_is_written(tmp_path: Path, before: str, after: bytes) -> None:
    assert written(tmp_path, {".dockerignore": before}) == {".dockerignore": after}


def test_completes_the_file_that_counts(tmp_path: Path) -> None:
    got = written(tmp_path, {"Dockerfile.dockerignore": ".git\n", ".dockerignore": "*.log\n"})

    assert got == {"Dockerfile.dockerignore": b".git\n**/__pycache__\n**/.venv\n"}


def test_another_dockerfile_of_the_context(tmp_path: Path) -> None:
    got = written(
        tmp_path, {"Dockerfile.release": "FROM alpine\nCOPY .git /g\n", "web.Dockerfile": "FROM x\nADD .venv /v\n"}
    )

    assert got == {".dockerignore": b"**/__pycache__\n"}
