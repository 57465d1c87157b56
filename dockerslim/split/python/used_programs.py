"""All programs that run in a Python image: those of its own start, and those that services start in its place."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.program import StartedPrograms, started_programs
from dockerslim.split.service_starts import runs_stage, service_starts
from dockerslim.split.start import SHELLS, Start


def used_programs(case: Case, stage: Stage, start: Start, own: StartedPrograms) -> StartedPrograms:
    """`own`, which `start` leads to, and what the services of the stage's image start besides."""
    found = own
    for item in service_starts(case, stage, start):
        if not runs_stage(item.service, stage):
            continue
        other = started_programs(case, stage, item.start)
        found = replace(
            found,
            lines=(*found.lines, *other.lines),
            commands=(*found.commands, *other.commands),
            scripts=(*found.scripts, *(script for script in other.scripts if script not in found.scripts)),
            is_traced=found.is_traced and _is_traced(other),
        )
    return found


def _is_traced(programs: StartedPrograms) -> bool:
    """Is it known which of the project's files they begin with, if with any?"""
    if any(command.entry_files for command in programs.commands):
        return True
    table = full_image_programs()
    for words, command in zip(programs.lines, programs.commands, strict=True):
        name = posixpath.basename(words[0])
        is_systems = name in python_commands().understood or name in SHELLS or name in table.packages
        if command.kind == "unknown" and not is_systems:
            return False
    return True
