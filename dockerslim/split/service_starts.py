"""What compose services, and hosting platforms, start in the image in place of its own program."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.context.compose import Command
from dockerslim.context.service_use import ServiceUse
from dockerslim.dockerfile import Stage
from dockerslim.split.start import Start, start_by

OPERATORS = frozenset({"&&", "||", "|", "&", ";", ">", ">>", "<"})
"""Words that mean something to a shell only."""


@dataclass(frozen=True, slots=True)
class ServiceStart:
    """A service, and the start of the image as the service has it. `words` are those of its process."""

    service: ServiceUse
    words: tuple[str, ...]
    start: Start


def service_starts(case: Case, stage: Stage, start: Start) -> tuple[ServiceStart, ...]:
    """The starts by services that give the image another command line than its own `start`, in their order."""
    found = []
    for service in case.usage.services:
        words = service_words(case, stage, service)
        other = start_by(words, start.instruction) if words else start
        if words and not _is_same(other, start):
            found.append(ServiceStart(service, words, other))
    return tuple(found)


def runs_stage(service: ServiceUse, stage: Stage) -> bool:
    """Does the service run the stage's image, and not that of another target?"""
    return (service.target or "") in ("", stage.name or "")


def _is_same(other: Start, start: Start) -> bool:
    """Is it the image's own start, or one of the commands of that?"""
    if other.script is not None:
        return start.script is not None and start.script.source.text == other.script.source.text
    return other.words in start.commands()


def service_words(case: Case, stage: Stage, service: ServiceUse) -> tuple[str, ...]:
    """The words of the process that a service starts; none where it leaves the image's own as it is."""
    command = compose_words(service.command)
    if service.entrypoint is not None:
        return (*compose_words(service.entrypoint), *command)
    entrypoint = case.states[stage.index].final.entrypoint
    if entrypoint is None or entrypoint.is_empty or entrypoint.instruction is None:
        # What begins as an option is for the entrypoint of the base image.
        return command if command and not command[0].startswith("-") else ()
    if entrypoint.words is None or not command:
        return ()  # its shell form ignores the command
    return (*entrypoint.words, *command)


def compose_words(command: Command | None) -> tuple[str, ...]:
    """The words of a command as compose reads it: it starts no shell, whatever people expect of it."""
    if not isinstance(command, str):
        return command or ()
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        return ("sh", "-c", command)
    is_for_shell = any(word in OPERATORS or word.endswith(";") for word in words)
    return ("sh", "-c", command) if is_for_shell else words
