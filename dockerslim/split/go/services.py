"""Commands that compose gives to the image in place of its own."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.context.service_use import ServiceUse
from dockerslim.dockerfile import Stage
from dockerslim.dockerfile.shell import Opaque, shell_script
from dockerslim.split.go.purpose import GoStage
from dockerslim.split.packages import PLAIN_PROGRAMS
from dockerslim.split.refused import Refused
from dockerslim.split.start import SHELLS


def services_need_shell(case: Case, stage: Stage, found: GoStage) -> bool:
    """Does a service's command need a shell? Raises Refused where one starts what the runtime stage won't have."""
    needs = False
    for service in case.usage.services:
        if service.target not in (None, stage.name):
            continue
        for name, by_shell in _started(service, has_entrypoint=stage.last("ENTRYPOINT") is not None):
            needs = needs or by_shell
            if any(name in (built.path, posixpath.basename(built.path)) for built in found.built):
                continue
            if posixpath.basename(name) in {posixpath.basename(tool.path) for tool in found.tools}:
                continue
            if name not in PLAIN_PROGRAMS:
                raise Refused(
                    stage.from_.span,
                    f"`{service.file}` runs `{name}` in service `{service.service}`",
                    "give that service an image of its own, or name the stage that it needs with `target`",
                    "the runtime stage would not have it",
                )
            needs = True
    return needs


def _started(service: ServiceUse, *, has_entrypoint: bool) -> Iterator[tuple[str, bool]]:
    """The programs that a service starts instead of the image's own, and whether a shell starts them."""
    command = _words(service.command)
    entrypoint = _words(service.entrypoint)
    words = (*entrypoint, *command) if entrypoint else (() if has_entrypoint else command)
    if not words:
        return
    if len(words) >= 3 and posixpath.basename(words[0]) in SHELLS and words[1] == "-c":
        script = shell_script(words[2])
        for part in script.parts:
            for item in part.commands if isinstance(part, Opaque) else (part,):
                inner = item.inner().known_arguments()
                if inner:
                    yield _name(inner[0]), True
        if script.problem is not None or not script.parts:
            yield words[0], True
        return
    if len(words) >= 2 and posixpath.basename(words[0]) in SHELLS and not words[1].startswith("-"):
        yield words[1], True  # a script, which the runtime stage lacks
        return
    yield _name(words[0]), False


def _words(command: tuple[str, ...] | str | None) -> tuple[str, ...]:
    """compose splits a string as a shell would, and starts no shell."""
    if command is None or isinstance(command, tuple):
        return command or ()
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return (command,)


def _name(word: str) -> str:
    return posixpath.basename(word)
