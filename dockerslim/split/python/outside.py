"""The programs of the system that a Python image runs besides its own code."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.evidence import Evidence
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.python.pip_command import PIP
from dockerslim.split.python.program import StartedPrograms, facts_of_source
from dockerslim.split.refused import Refused, refuse_unknown
from dockerslim.split.start import Start


@dataclass(frozen=True, slots=True)
class NamedPrograms:
    """Programs that the image may run, by name, each with where that is said."""

    names: Mapping[str, str]
    computed: Evidence | None = None
    """A place where the program runs another one whose name the source doesn't tell."""


def named_programs(
    case: Case, stage: Stage, start: Start, programs: StartedPrograms, used: StartedPrograms
) -> NamedPrograms:
    """Look at the command, its scripts, the HEALTHCHECK, compose files and the programs' source.

    `programs` are those of the image's own start, `used` all that run in it. Raises Refused where a start script is not
    known, or installs packages.
    """
    table = full_image_programs()
    found: dict[str, str] = {}
    for words in programs.lines:
        name = posixpath.basename(words[0])
        found.setdefault(name, "the command")
        if PIP.fullmatch(name) and "install" in words:
            raise Refused(
                start.span, "packages are installed when the container starts", "install them in a RUN of this file"
            )
    for script in programs.scripts:
        if script.text is None:
            reason = f"what `{script.word}` does when the container starts is not known"
            refuse_unknown(case.options, Refused(start.span, reason, "copy it by name"))
            continue
        found.update((name, f"`{script.word}`") for name in table.named_in(script.text))
    for words in used.lines[len(programs.lines) :]:
        found.setdefault(posixpath.basename(words[0]), "a service")
    for script in used.scripts:
        found.update((name, f"`{script.word}`") for name in table.named_in(script.text or ""))
    for text, place in given_commands(case, stage):
        found.update((name, place) for name in table.named_in(text))
    facts = facts_of_source(case, used)
    found.update((posixpath.basename(name), "the program") for name in facts.programs)
    computed = next(iter(facts.unknown_programs), None)
    if computed is not None:
        computed = replace(computed, file=programs.view.source(computed.file) or computed.file)
    return NamedPrograms(found, computed)


def given_commands(case: Case, stage: Stage) -> Iterator[tuple[str, str]]:
    """Commands given to the image from outside the program, and where they stand."""
    check = stage.last("HEALTHCHECK")
    if check is not None:
        yield " ".join(check.json) if check.json else check.value, "the HEALTHCHECK"
    for service in case.usage.services:
        for command in (service.command, service.entrypoint, service.healthcheck):
            if command:
                yield command if isinstance(command, str) else " ".join(command), f"`{service.file}`"


def check_builders(named: NamedPrograms, start: Start) -> None:
    """Raises Refused where the image runs a compiler or its like."""
    for name, place in sorted(named.names.items()):
        if name in full_image_programs().builders:
            raise Refused(
                start.span,
                f"{place} runs `{name}`, which is for building",
                "build in a RUN of this file, or split it by hand",
            )
