"""What the health checks of an image start: its own, and those that compose gives it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Opaque
from dockerslim.images.state import ImageState
from dockerslim.split.go.purpose import GoStage
from dockerslim.split.script_commands import script_commands
from dockerslim.split.start import SHELLS


def healthcheck_programs(case: Case, stage: Stage, found: GoStage) -> tuple[str, ...]:
    """What the HEALTHCHECK and those of compose start, but for the programs that are built here; `sh` for a shell."""
    own = {built.path for built in found.built} | {tool.path for tool in found.tools}
    state = case.final.final
    names: list[str] = []
    for service in case.usage.services:
        for words in _compose_check(service.healthcheck):
            if not _is_own(_path(state, words[0]), own):
                names.append(posixpath.basename(words[0]))
    check = stage.last("HEALTHCHECK")
    if check is not None and check.value.upper() != "NONE":
        names.extend(_own_check(case, check, own))
    return tuple(dict.fromkeys(names))


def _own_check(case: Case, check: Instruction, own: Collection[str]) -> Iterator[str]:
    script = case.script(check)
    commands = [c for part in script.parts for c in (part.commands if isinstance(part, Opaque) else (part,))]
    state = case.final.final
    is_shell = script.problem is not None or check.json is None
    for command in commands:
        words = command.inner().known_arguments()
        if len(words) > 2 and words[0].rsplit("/", 1)[-1] in SHELLS and words[1] == "-c":
            is_shell = True
            inner = (c.inner().known_arguments() for c in script_commands(words[2]))
            yield from (posixpath.basename(w[0]) for w in inner if w and not _is_own(_path(state, w[0]), own))
        elif words and not _is_own(_path(state, words[0]), own):
            yield posixpath.basename(words[0])
    if is_shell:
        yield "sh"  # it starts a shell, whatever that runs


def _path(state: ImageState, word: str) -> str | None:
    return state.path(word) if "/" in word else word


def _is_own(path: str | None, own: Collection[str]) -> bool:
    return path in own or (path is not None and "/" not in path and any(path == posixpath.basename(o) for o in own))


def _compose_check(said: str | tuple[str, ...] | None) -> list[tuple[str, ...]]:
    """The commands of `["CMD", "curl", ...]`, `["CMD-SHELL", text]` or text; `sh` first where a shell runs them."""
    if not said or said[0] == "NONE":
        return []
    if not isinstance(said, str) and said[0] != "CMD-SHELL":
        words = said[1:] if said[0] == "CMD" else said
        return [words] if words else []
    text = said if isinstance(said, str) else " ".join(said[1:])
    return [("sh",), *(w for c in script_commands(text) if (w := c.inner().known_arguments()))]
