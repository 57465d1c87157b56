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

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.dockerfile import Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.files import context_source
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.templates import render

VERBS = "rev-parse|describe|log|status|rev-list|show|diff|tag|branch|submodule|ls-files|archive|worktree"
READS_HISTORY = re.compile(
    rf"\bgit\s+(?:-[-\w]+(?:[= ]\S+)?\s+){{0,3}}(?:{VERBS}|clone\s+\.)|['\"]git['\"]\s*,\s*\[?\s*['\"](?:-|{VERBS})"
    r"|-buildvcs=true|goreleaser|setuptools[_-]scm|setuptools[_-]git|versioneer|versioningit|dunamai|hatch-vcs"
    r"|flit[_-]scm|poetry-dynamic-versioning|poetry-version-plugin|source\s*=\s*['\"]scm|\bpbr\b|git-describe|git-rev"
    r"|git-repo-info|git-last-commit|showLastUpdate|lastUpdated:\s*true"
)
"""What asks for the repository's history."""
READ_FOR_HISTORY = re.compile(
    r"(?:^|/)(?:[Mm]akefile|GNUmakefile|justfile|Justfile|Taskfile\.ya?ml|magefile\.go|package\.json|setup\.(?:py|cfg)"
    r"|pyproject\.toml|[\w.-]+\.(?:sh|bash|mk)|[\w.-]+\.config\.[cm]?[jt]s|\.(?:eleventy|goreleaser)\.[\w.]+)$"
    r"|^(?:scripts?|build|hack|tools?|ci)/[\w./-]+\.(?:[cm]?[jt]s|py|go)$"
)
"""Files that a build may run, by their paths."""
FILES_LIMIT = 200
MAKES_ENVIRONMENT = re.compile(r"-m\s+venv\b|\bvirtualenv\b|\buv\s+venv\b")
SIMPLE_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
"""A path that means itself in .dockerignore."""

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
    environments: Sequence[str]
    """Virtual environments of the host that are not called `.venv`."""


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
    has_history = has_history and not _asks_for_history(case)
    facts = IgnoreFacts(has_history, tuple(sorted(_installed(case))), tuple(_environments(case)))
    text = render("common/dockerignore.jinja", facts)
    return [line for line in text.split("\n") if line]


def _environments(case: Case) -> Iterator[str]:
    """Those of the context, but for one that the Dockerfile uses as it lies there."""
    makes_one = MAKES_ENVIRONMENT.search(case.dockerfile.text) is not None
    for path in case.context.files if case.context is not None else ():
        folder, name = posixpath.split(path)
        if name != "pyvenv.cfg" or not SIMPLE_PATH.fullmatch(folder) or posixpath.basename(folder) == ".venv":
            continue
        if makes_one or f"{folder}/bin" not in case.dockerfile.text:
            yield folder


def _installed(case: Case) -> frozenset[str]:
    """The languages whose dependencies a RUN installs: without an install the host's are what the image runs with."""
    text = "\n".join(i.value for i in case.dockerfile.instructions if i.keyword == "RUN")
    found = {language for language, install in INSTALLS.items() if install.search(text)}
    return frozenset(found & case.languages)


INSTALLS = {
    "node": re.compile(
        r"\b(?:npm|pnpm|bun)(?!\s+(?:run|exec|x|start|test)\b)(?![^\n;&|]{0,80}?\s(?:-g|--global)\b)"
        r"[^\n;&|]{0,80}?\s(?:ci|clean-install|i|install|add|fetch)\b"
        r"|\byarn(?!\s+global\b)(?:[^\n;&|]{0,80}?\s(?:install|add)\b|\s+-|\s*(?:$|[\n;&|]))",
        re.MULTILINE,
    ),
    "python": re.compile(
        r"\b(?:pip[\d.]*|uv|poetry|pipenv|pdm)\s[^\n;&|]{0,80}?\b(?:install|sync|add)\b|\b(?:conda|mamba|micromamba)\s"
    ),
}


def _asks_for_history(case: Case) -> bool:
    texts = [case.dockerfile.text]
    assert case.context is not None
    names = [path for path in case.context.files if path.count("/") < 3 and READ_FOR_HISTORY.search(path)]
    if len(names) > FILES_LIMIT:
        return True  # more than can be looked at
    texts.extend(case.context.read_text(name) or "" for name in names)
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
    """Is the line neither in force nor contradicted, by a line that brings it back or by what is named?"""
    assert case.context is not None
    ignore = IgnoreFile.parse(case.context.ignore_text or "")
    name = line.removeprefix("**/")
    if ignore.error is not None or ignore.rule_for(name) is not None or line in case.options.refused_ignore_lines:
        return False
    if any(rule.shows and name in rule.pattern.split("/") for rule in ignore.rules):
        return False
    return not any(name in context_source(source).split("/") for source in _named_sources(case))


def _named_sources(case: Case) -> Iterator[str]:
    """What COPY, ADD and bind mounts take from the build context."""
    for instruction in case.dockerfile.instructions:
        if instruction.keyword in ("COPY", "ADD") and not instruction.flag("from"):
            yield from (word.text for word in instruction.sources)
        for flag in instruction.flags:
            options = mount_options(flag.value or "") if flag.name == "mount" else {}
            if options.get("type", "bind") == "bind" and "from" not in options:
                yield options.get("source") or options.get("src") or ""
