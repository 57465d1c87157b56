"""What the RUNs of a stage make: folders by name, and files that only they know of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.paths import is_within
from dockerslim.split.needs_root import instructions_of
from dockerslim.split.working_folder import placed_commands

RUNS_CODE = re.compile(r"python(?:\d(?:\.\d+)?)?|flask|alembic|aerich|django-admin")
"""Programs that run the project's Python."""
WITHOUT_FILES = frozenset("--version check collectstatic compileall compilemessages compress pip spacy venv".split())
"""Of Django's commands and Python's modules, those that write just what they are for."""


def made_folders(case: Case, stage: Stage) -> Iterator[str]:
    """The absolute folders that `mkdir` makes in the stage's own RUNs, and that none of them takes away."""
    removed = set(_named(case, stage, ("rm", "rmdir")))
    for path in _named(case, stage, ("mkdir",)):
        if not any(is_within(path, other) for other in removed):
            yield path


def _named(case: Case, stage: Stage, programs: Collection[str]) -> Iterator[str]:
    """The absolute paths that some programs of the stage's RUNs are given."""
    for instruction, script in case.runs(stage):
        state = case.state(instruction)
        for command, folder in placed_commands(script, state.workdir):
            words = command.inner().arguments
            if not words or posixpath.basename(words[0]) not in programs or any("{" in word for word in words):
                continue
            for word in words[1:]:
                path = state.path(word) if not word.startswith("-") else None
                if path is not None and (folder == state.workdir or word.startswith(("/", "$"))):
                    yield path
                elif path is not None and folder is not None:
                    yield posixpath.normpath(posixpath.join(folder, word))


def made_links(case: Case, stage: Stage) -> Mapping[str, str | None]:
    """The links that `ln -s` makes in the RUNs, each with what it leads to; None where that isn't known."""
    found: dict[str, str | None] = {}
    for instruction, script in case.runs(stage):
        state = case.state(instruction)
        for command, folder in placed_commands(script, state.workdir):
            words = command.inner().arguments or ()
            paths = [word for word in words[1:] if not word.startswith("-")]
            if words[:1] != ("ln",) or len(paths) != 2 or folder is None:
                continue
            target, link = (state.path(posixpath.join(folder, path)) for path in paths)
            if link is None:
                continue
            if paths[1].endswith(("/", ".")) or _is_folder(case, stage, link):
                link = posixpath.join(link, posixpath.basename(paths[0].rstrip("/")))
            found[link] = target if paths[0].startswith("/") else None
    return found


def _is_folder(case: Case, stage: Stage, path: str) -> bool:
    """Does something lie at a path below it, as far as the instructions say?"""
    workdir = case.states[stage.index].final.workdir or "/"
    laid = (p.target for p in case.files(stage).placements)
    return any(is_within(other, path) for other in (workdir, *laid, *made_folders(case, stage)))


def makes_files(case: Case, stage: Stage, names: Collection[str]) -> bool:
    """May a RUN of the image lay files that the program writes to again, as `python manage.py migrate` does?

    `names` are those of the files. What the program's own code makes is not known.
    """
    runs = [case.script(i) for i in instructions_of(case, stage) if i.keyword == "RUN"]
    if any(_runs_code(command) for script in runs for command in script.commands):
        return True
    return any(name in script.source.text for script in runs for name in names)


def _runs_code(command: ShellCommand) -> bool:
    words = command.inner().known_arguments()
    name = posixpath.basename(words[0]) if words else ""
    if name in ("poetry", "uv", "pipenv", "pdm") and words[1:2] == ("run",):
        words = words[2:]
        name = posixpath.basename(words[0]) if words else ""
    is_code = (
        RUNS_CODE.fullmatch(name) is not None or name.endswith((".py", ".sh")) or words[:1] in (("sh",), ("bash",))
    )
    return is_code and not WITHOUT_FILES & set(words[1:4])
