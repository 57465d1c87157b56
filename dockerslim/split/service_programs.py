"""What the programs do that services start in place of the image's own: to the files, and to whoever runs them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from dockerslim.case import Case
from dockerslim.context.service_use import ServiceUse
from dockerslim.dockerfile import Stage
from dockerslim.split.needs_root import root_at_start, written_by_script
from dockerslim.split.running import RunningProgram, running_program
from dockerslim.split.service_starts import ServiceStart, runs_stage, service_starts
from dockerslim.split.start import Start

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class ServiceProgram:
    """What a service starts; `program` is None where that isn't known.

    `risk` is one sentence of why a user who isn't root may fail with it; "" where none does.
    """

    service: ServiceUse
    program: RunningProgram | None
    risk: str = ""


def service_programs(case: Case, stage: Stage, start: Start) -> tuple[ServiceProgram, ...]:
    """The programs of all services that start another one than `start`, but of those with a user of their own."""
    own = {posixpath.basename(words[0]) for words in start.commands() if words}
    found = []
    for item in service_starts(case, stage, start):
        name = posixpath.basename(item.words[0])
        if item.service.user or (name in own and not runs_stage(item.service, stage)):
            continue
        program = running_program(case, stage, item.start)
        risk = next(_risks(case, stage, item, program), "")
        if risk:
            risk = f"service `{item.service.service}` of `{item.service.file}`: {risk}"
        found.append(ServiceProgram(item.service, program, risk))
    return tuple(found)


def with_services(program: RunningProgram | None, services: Iterable[ServiceProgram]) -> RunningProgram | None:
    """The image's own program, and what those of the services write and look for besides."""
    if program is None:
        return None
    for other in (item.program for item in services if item.program is not None and not item.risk):
        program = replace(
            program,
            written=_joined(program.written, other.written),
            filled=_joined(program.filled, other.filled),
            reads_home=_joined(program.reads_home, other.reads_home),
            downloads=_joined(program.downloads, other.downloads),
        )
    return program


def _joined(first: tuple[_Item, ...], second: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return (*first, *(item for item in second if item not in first))


def _risks(case: Case, stage: Stage, item: ServiceStart, program: RunningProgram | None) -> Iterator[str]:
    name = posixpath.basename(item.words[0])
    if program is None:
        yield f"what `{name}` writes is not known"
        return
    needing = program.needs_root or root_at_start(case, stage, item.start)
    if needing:
        yield needing
    yield from program.unknown
    written = written_by_script(case, stage, item.start)
    if written:
        yield f"the command writes a file (`{written}`)"
    if program.development_tool and "node" in case.languages:
        yield f"`{program.development_tool}` keeps what it builds beside the source"
    if program.written and not runs_stage(item.service, stage):
        yield f"`{name}` writes `{program.written[0]}` in the image of another target"
    folder = item.service.working_dir
    workdir = case.states[stage.index].final.workdir or "/"
    if folder is not None and posixpath.normpath(folder) != workdir:
        yield f"it works in `{folder}`, and what it writes there is not known"
