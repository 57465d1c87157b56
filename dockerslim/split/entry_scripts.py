"""The shell script of the build context that a command of an image starts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.paths import is_below
from dockerslim.split.image_view import source_at
from dockerslim.split.start import SHELLS

KEEP_TEXT = frozenset({"chmod", "chown", "chgrp", "dos2unix", "ls", "rm", "test", "["})
"""Programs that leave the commands of a script as they are."""
CARRIAGE_RETURN = "\\r"


@dataclass(frozen=True, slots=True)
class EntryScript:
    """`name` as the command says it. `text` is None where the build context has none, or a RUN changes it."""

    name: str
    file: str
    text: str | None


def entry_script(
    case: Case, stage: Stage, word: str, folder: str | None = None, *, is_argument: bool = False
) -> EntryScript | None:
    """The script that a word means in a work folder of the image, which is the stage's own where none is given.

    `is_argument`: a shell is given the word as its file. None where the context has no such script.
    """
    if case.context is None:
        return None
    for path in _places(case, stage, word, folder, is_argument=is_argument):
        source = source_at(case, stage, path)
        text = case.context.read_text(source) if source is not None and case.context.is_file(source) else None
        if source is None or text is None:
            continue
        if is_argument or _is_shell_script(path, text):
            changed = any(_changes(case, stage, instruction, path) for instruction in _runs(case, stage))
            return EntryScript(word, source, None if changed else text.replace("\r\n", "\n"))
        return None
    return None


def is_own_entrypoint(case: Case, stage: Stage, word: str) -> bool:
    """Is it surely the script that the base image brings as its entrypoint?"""
    image = case.states[stage.index].final.image
    given = image.config.entrypoint if image is not None and image.config is not None else None
    name = posixpath.basename(word)
    if not given or posixpath.basename(given[0]) != name or posixpath.dirname(word) not in ("", "/usr/local/bin"):
        return False
    paths = list(_places(case, stage, word, None, is_argument=False))
    if any(_may_lie_at(case, other, path) for other in _stages(case, stage) for path in paths):
        return False
    return not any(name in case.script(run).source.text for run in _runs(case, stage))


def _places(case: Case, stage: Stage, word: str, folder: str | None, *, is_argument: bool) -> Iterator[str]:
    state = case.states[stage.index].final
    if "/" not in word and not is_argument:
        entries = (state.env.get("PATH") or "").split(":")
        yield from (posixpath.join(entry, word) for entry in entries if entry.startswith("/"))
        return
    path = posixpath.join(folder, word) if folder is not None else state.path(word)
    if path is not None:
        yield posixpath.normpath(path)


def _stages(case: Case, stage: Stage) -> Iterator[Stage]:
    """The stage, and those that it is built on."""
    current: Stage | None = stage
    while current is not None:
        yield current
        current = case.states[current.index].base_stage


def _runs(case: Case, stage: Stage) -> Iterator[Instruction]:
    """The RUNs of all stages: a script may be changed before it is copied."""
    for other in case.dockerfile.stages:
        yield from other.all("RUN")


def _may_lie_at(case: Case, stage: Stage, path: str) -> bool:
    files = case.files(stage)
    if files.unknown:
        return True
    for placement in files.placements:
        if placement.target.rstrip("/") == path:
            return True
        if placement.is_folder and is_below(path, placement.target):
            rest = path[len(placement.target.rstrip("/")) + 1 :]
            source = posixpath.join(placement.source, rest)
            if placement.stage is not None or case.context is None or case.context.has(source):
                return True
    return False


def _is_shell_script(path: str, text: str) -> bool:
    first = text.partition("\n")[0]
    if not first.startswith("#!"):
        return path.endswith(".sh")
    words = first[2:].replace("/usr/bin/env", "").split()
    return bool(words) and posixpath.basename(words[0]) in SHELLS


def _changes(case: Case, stage: Stage, run: Instruction, path: str) -> bool:
    """May the RUN change what the script says? Setting modes and line ends leave it as it is."""
    script, name = case.script(run), posixpath.basename(path)
    if name not in script.source.text and "*" not in script.source.text:
        return False
    if not script.is_plain:
        return name in script.source.text
    return any(_changes_file(name, command) for command in script.commands)


def _changes_file(name: str, command: ShellCommand) -> bool:
    if any(name in redirect for redirect in command.redirects):
        return True
    words = command.inner().known_arguments()
    if not words or posixpath.basename(words[0]) in KEEP_TEXT:
        return False
    named = [posixpath.basename(word) for word in words[1:]]
    # A lone `*` is nearly always another folder's.
    if not any(fnmatchcase(name, pattern) for pattern in named if pattern.strip("*?")):
        return False
    return not (words[0] == "sed" and any(CARRIAGE_RETURN in word for word in words))
