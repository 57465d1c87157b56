"""Keep out of the build context what no build needs.

What it does: makes or completes .dockerignore with `.git`, installed dependencies and caches of tools.
Why: a smaller context is sent faster; a host's node_modules or .venv doesn't land in the image; a commit doesn't make
every later layer build again.
Left alone: a Dockerfile that copies nothing whole; a line that is in force already, or that would hide what a COPY of
any Dockerfile of the context names.
Safety: safe. Only files that are made again, and the repository's history where nothing asks for it.
Sources: https://docs.docker.com/build/concepts/context/#dockerignore-files, https://pkg.go.dev/cmd/go (-buildvcs)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.dockerfile import Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.templates import render

READS_HISTORY = re.compile(
    r"\bgit\s+(rev-parse|describe|log|status|rev-list|show|diff|tag|branch|submodule|clone\s+\.)|-buildvcs=true"
    r"|goreleaser|setuptools_scm|setuptools-scm|versioneer|hatch-vcs|poetry-dynamic-versioning|git-describe|git-rev"
)
"""What asks for the repository's history."""

transform = Transform(
    id="write-dockerignore",
    title="Keep the build context small",
    after=frozenset({"add-syntax-directive", "add-user", "add-cache-mounts", "copy-dependencies-first"}),
    examples=(
        Example(
            "a Python project",
            "FROM python:3.12-slim\nCOPY . .\nRUN pip install flask\n",
            "FROM python:3.12-slim\nCOPY . .\nRUN pip install flask\n",
            {"app.py": ""},
            ("**/__pycache__", "**/.venv"),
        ),
        Unchanged(
            "the host's packages are copied", 'FROM node:22\nCOPY . .\nCMD ["node", "a.js"]\n', context={"a.js": ""}
        ),
        Unchanged("nothing is copied whole", "FROM python:3.12-slim\nCOPY app.py .\n", context={"app.py": ""}),
    ),
)


@dataclass(frozen=True, slots=True)
class IgnoreFacts:
    """What fills templates/common/dockerignore.jinja; `history`: is there a `.git` that nothing reads?"""

    history: bool
    languages: Sequence[str]


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    if case.context is None or not case.options.can_write_ignore:
        return
    if not any(_copies_whole(case, stage) for stage in case.dockerfile.stages):
        return
    lines = tuple(line for line in _wanted(case) if _is_missing(case, line))
    if lines:
        yield Fix((), why="files that no build needs are not sent to it", ignore_lines=lines)


def _copies_whole(case: Case, stage: Stage) -> bool:
    return any(
        placement.is_folder and placement.source == "" and placement.stage is None
        for placement in case.files(stage).placements
    )


def _wanted(case: Case) -> list[str]:
    has_history = case.context is not None and case.context.has_git
    facts = IgnoreFacts(has_history and not _asks_for_history(case), tuple(sorted(_installed(case))))
    text = render("common/dockerignore.jinja", facts)
    return [line for line in text.split("\n") if line]


def _installed(case: Case) -> frozenset[str]:
    """The languages whose dependencies a RUN installs: without an install the host's are what the image runs with."""
    text = "\n".join(i.value for i in case.dockerfile.instructions if i.keyword == "RUN")
    found = {language for language, install in INSTALLS.items() if install.search(text)}
    return frozenset(found & case.languages)


INSTALLS = {
    "node": re.compile(r"\b(npm|yarn|pnpm|bun|corepack)\b"),
    "python": re.compile(r"\b(pip3?|uv|poetry|pipenv|pdm|conda|mamba)\b"),
}


def _asks_for_history(case: Case) -> bool:
    texts = [case.dockerfile.text]
    assert case.context is not None
    for name in ("Makefile", "package.json", "setup.py", "pyproject.toml", "setup.cfg", "build.sh", "Taskfile.yml"):
        texts.append(case.context.read_text(name) or "")
    if any(READS_HISTORY.search(text) for text in texts):
        return True
    if "go" in case.languages:
        return any(
            "debug.ReadBuildInfo" in (case.context.read_text(path) or "")
            for path in case.context.files
            if path.endswith(".go") and path.count("/") < 4
        )
    return False


def _is_missing(case: Case, line: str) -> bool:
    """Is the line neither in force nor contradicted?"""
    assert case.context is not None
    if line in case.options.refused_ignore_lines:
        return False
    return not IgnoreFile.parse(case.context.ignore_text or "").hides(line.removeprefix("**/"))
