"""What a build leaves for the next one, and the image need not hold: data, in build_caches.toml."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import NodeProject, resolve_command
from dockerslim.split.node.stage import project_at
from dockerslim.split.working_folder import placed_commands

ELSEWHERE = frozenset(
    "--prefix -C --cwd --dir -w --workspace --workspaces -ws --filter -F -r --recursive workspace workspaces".split()
)
"""Words by which a package manager works in another folder."""


def build_caches(case: Case, stage: Stage, folder: str) -> tuple[str, ...]:
    """The caches that the stage's builds fill, relative to an absolute folder that they all lie in."""
    return tuple(dict.fromkeys(_caches(case, stage, folder)))


def _caches(case: Case, stage: Stage, folder: str) -> Iterator[str]:
    for instruction, script in case.runs(stage):
        for command, place in placed_commands(script, case.state(instruction).workdir):
            words = command.inner().known_arguments()
            if place != folder or not words or any(word.partition("=")[0] in ELSEWHERE for word in words):
                continue
            project = project_at(case, stage, place, instruction)
            if project is None:
                continue
            for argv in resolve_command(project, words).programs:
                yield from _of_program(argv, project)


def _of_program(argv: tuple[str, ...], project: NodeProject) -> Iterator[str]:
    range_ = project.manifest.installed_dependencies.get(argv[0], "")
    major = re.match(r"[~^>=v ]*(\d{1,4})(?!\d)", range_)
    first = next((word for word in argv[1:] if not word.startswith("-")), None)
    for entry in _table().get(posixpath.basename(argv[0]), ()):
        is_later = "since" not in entry or (major is not None and int(major[1]) >= entry["since"])
        if first in entry["first"] and is_later:
            yield from entry["caches"]


@lru_cache(maxsize=1)
def _table() -> dict[str, list[dict[str, Any]]]:
    data = tomllib.loads(resources.files(__package__).joinpath("build_caches.toml").read_text(encoding="utf-8"))
    table: dict[str, list[dict[str, Any]]] = {}
    for entry in data["tool"]:
        for program in entry["programs"]:
            table.setdefault(program, []).append(entry)
    return table
