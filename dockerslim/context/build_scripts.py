"""What CI files, makefiles and bake files tell of how images are built: which builder, which targets.

A bounded search for a few words, line by line; nothing is evaluated.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dockerslim.context.text_file import Stamp, read_stamped, stamp

FILES = (
    ".circleci/config.yml",
    ".drone.yml",
    ".gitlab-ci.yaml",
    ".gitlab-ci.yml",
    ".travis.yml",
    ".woodpecker.yml",
    "GNUmakefile",
    "Jenkinsfile",
    "Justfile",
    "Makefile",
    "Taskfile.yaml",
    "Taskfile.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "cloudbuild.yml",
    "docker-bake.hcl",
    "docker-bake.json",
    "justfile",
    "makefile",
    "skaffold.yaml",
)
"""Looked for in each folder between the Dockerfile and the repository's root."""

FOLDERS = (".github/workflows", ".gitlab")
"""Folders of which each YAML file is read."""

FILES_LIMIT = 100
"""Files of a folder that are read."""

_TARGET_FLAG = re.compile(r"--target(?:=|\s+)[\"']?([A-Za-z0-9][\w.-]*)", re.ASCII)
_TARGET_KEY = re.compile(r"[\s{,-]*\"?target\"?\s*[:=]\s*[\"']?([A-Za-z0-9][\w.-]*)[\"']?[\s,}]*\Z", re.ASCII)
_BAKE_BLOCK = re.compile(r"^[ \t]*target[ \t]+\"", re.MULTILINE)
_BUILDS_BY_KEYS = re.compile(r"build-push-action|bake|skaffold")
"""Such a file names a target by a key; in others the key means something else."""

_DIND = re.compile(r"\bdocker:(\d{1,3})(?:\.\d+)*(?:-rc\.?\d*)?-dind\b", re.ASCII)
_FIRST_DIND_WITH_BUILDKIT = 23
_OTHER_BUILDERS = (
    re.compile(r"\bkaniko\b", re.IGNORECASE),
    re.compile(r"\bDOCKER_BUILDKIT[\s:?=\"']{1,20}(?:0|false)\b", re.IGNORECASE),
)

_LINE_LIMIT = 2_000
_COMMENT = re.compile(r"\s*(?:#|//)")


@dataclass(frozen=True, slots=True)
class Sign:
    """A line of a file that says something of the builder."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class BuildScript:
    """What one file tells."""

    other_builder: tuple[Sign, ...] = ()
    """Kaniko, BuildKit switched off, or a Docker before it was the default."""
    targets: tuple[str, ...] = ()


def build_scripts(folder: Path, within: Path) -> tuple[Stamp, ...]:
    """The files of a folder that may tell how images are built; no link is followed out of `within`."""
    found = [stamp(folder / name, within) for name in FILES]
    for name in FOLDERS:
        found.extend(stamp(folder / name / file, within) for file in _yaml_files(folder / name))
    return tuple(dict.fromkeys(state for state in found if state is not None))


def _yaml_files(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 (names are all that is needed)
    except OSError:
        return []
    return sorted(name for name in names if name.endswith((".yml", ".yaml")))[:FILES_LIMIT]


@lru_cache(maxsize=1024)
def read_build_script(state: Stamp) -> BuildScript:
    """The file at a path, read once for as long as it stays the same."""
    return parse_build_script(read_stamped(state) or "")


def parse_build_script(text: str) -> BuildScript:
    """Search a CI file's, makefile's or bake file's text. Comment lines don't count."""
    by_keys = _BUILDS_BY_KEYS.search(text) is not None or _BAKE_BLOCK.search(text) is not None
    signs: list[Sign] = []
    targets: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        line = line[:_LINE_LIMIT]
        if _COMMENT.match(line):
            continue
        if _shows_other_builder(line):
            signs.append(Sign(number, line.strip()[:120]))
        if "target" in line:
            targets.update(dict.fromkeys(_TARGET_FLAG.findall(line)))
            if by_keys:
                key = _TARGET_KEY.match(line)
                targets.update({key[1]: None} if key else {})
    return BuildScript(tuple(signs), tuple(targets))


def _shows_other_builder(line: str) -> bool:
    if any(pattern.search(line) for pattern in _OTHER_BUILDERS):
        return True
    return any(int(major) < _FIRST_DIND_WITH_BUILDKIT for major in _DIND.findall(line))
