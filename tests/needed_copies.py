"""Which COPY of the final stage brings a path of a fixture's `needed_copies`, and the Dockerfile without it.

This goes by the text alone and knows nothing of what the engine makes of a COPY, so that it can contradict it.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from dockerslim.dockerfile import Dockerfile, Instruction, Span, Stage, Word
from tests.fixtures_catalogue import FixtureCase


@dataclass(frozen=True, slots=True)
class CopiedSource:
    """One source of one COPY, and where it lands: `target` is absolute."""

    instruction: Instruction
    source: Word
    target: str
    is_folder: bool
    """Is it known to be a folder, so that paths below the target come with it?"""

    def brings(self, path: str) -> bool:
        """Is this absolute path there because of this source?"""
        return path == self.target or (self.is_folder and path.startswith(self.target.rstrip("/") + "/"))


def copy_of(case: FixtureCase, dockerfile: Dockerfile, path: str) -> CopiedSource | None:
    """What brings a path into the final stage; of several the one that is closest to it, then the last."""
    stage = dockerfile.final_stage
    wanted = posixpath.normpath(posixpath.join(_work_folder(stage), path))
    found = [copied for copied in _copied_sources(case, dockerfile, stage) if copied.brings(wanted)]
    return max(found, key=lambda copied: (len(copied.target), copied.instruction.first_line), default=None)


def without(dockerfile: Dockerfile, copied: CopiedSource) -> bytes:
    """The Dockerfile without that source, and without the whole instruction if it was its only one."""
    text = dockerfile.text
    if len(copied.instruction.sources) > 1:
        cut = Span(copied.source.span.start, copied.source.span.end + 1)
    else:
        lines = dockerfile.lines
        cut = Span(lines.line_start(copied.instruction.span.start), lines.line_end(copied.instruction.span.end))
    return (text[: cut.start] + text[cut.end :]).encode("utf-8", "surrogateescape")


def _copied_sources(case: FixtureCase, dockerfile: Dockerfile, stage: Stage) -> list[CopiedSource]:
    found: list[CopiedSource] = []
    for instruction in stage.all("COPY", "ADD"):
        if instruction.heredocs:
            continue
        work_folder = _work_folder(stage, before=instruction)
        destination = posixpath.join(work_folder, instruction.destination)
        for source in instruction.sources:
            is_folder = _is_folder(case, dockerfile, stage, instruction, source.text)
            keeps_name = not is_folder and (
                instruction.destination.endswith(("/", ".")) or len(instruction.sources) > 1
            )
            target = posixpath.join(destination, posixpath.basename(source.text)) if keeps_name else destination
            found.append(CopiedSource(instruction, source, posixpath.normpath(target), is_folder))
    return found


def _is_folder(case: FixtureCase, dockerfile: Dockerfile, stage: Stage, instruction: Instruction, source: str) -> bool:
    """Is the source a folder of the context, also as it stands in the work folder of the stage that it comes from?

    What a build makes there is one where it is copied to a folder of its own name.
    """
    stage_name = instruction.flag_value("from")
    if stage_name is not None:
        origin = dockerfile.stage_named(stage_name, before=stage.index)
        if origin is None:
            return source.endswith("/")
        if posixpath.basename(posixpath.normpath(instruction.destination)) == posixpath.basename(source):
            return instruction.destination.endswith("/")
        source = posixpath.relpath(posixpath.join("/", source), _work_folder(origin))
    return source.endswith("/") or (case.context / source.lstrip("/")).is_dir()


def _work_folder(stage: Stage, before: Instruction | None = None) -> str:
    """The folder that WORKDIR says, in the end or where an instruction stands; `/` where none does."""
    folder = "/"
    for instruction in stage.all("WORKDIR"):
        if before is None or instruction.span.start < before.span.start:
            folder = posixpath.join(folder, instruction.value.strip("\"'"))
    return posixpath.normpath(folder)
