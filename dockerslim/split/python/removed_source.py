"""A project's source that is copied to be installed, and removed again once it is: no part of the image that runs."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.paths import is_within
from dockerslim.split.python.purpose import PurposedRun, PythonStage
from dockerslim.split.refused import Refused
from dockerslim.split.working_folder import placed_commands


def removed_source(case: Case, stage: Stage, read: PythonStage) -> frozenset[int]:
    """Where the COPYs start whose files a RUN takes away, and the RUNs that do nothing else.

    Raises Refused where an install takes away what another RUN, which the runtime stage has too, may use before.
    """
    found: set[int] = set()
    for copy in stage.all("COPY", "ADD"):
        targets = [p.target for p in case.files(stage).placements if p.instruction is copy]
        if copy in case.files(stage).unknown or not targets:
            continue
        is_used = False
        for run in (r for r in read.runs if r.instruction.span.start > copy.span.start):
            if _removes(case, run.instruction, targets):
                if not is_used and (_only_installs(run) or _only_removes(case, run)):
                    found.add(copy.span.start)
                    found |= {run.instruction.span.start} if _only_removes(case, run) else set()
                elif is_used and _only_installs(run):
                    raise Refused(
                        run.instruction.span,
                        "the RUN that installs removes what a COPY brought, and a RUN between may use that",
                        "remove it in a RUN of its own",
                    )
                break
            is_used = is_used or not _only_installs(run)
    return frozenset(found)


def _removes(case: Case, instruction: Instruction, targets: Collection[str]) -> bool:
    """Does a RUN remove all that lies at some paths?"""
    removed = list(_removed(case, instruction))
    return all(any(is_within(target, path) for path in removed) for target in targets)


def _only_installs(run: PurposedRun) -> bool:
    return run.purpose == "install" and not run.kinds


def _only_removes(case: Case, run: PurposedRun) -> bool:
    commands = case.script(run.instruction).commands
    return all(command.inner().name == "rm" and not command.inner().redirects for command in commands)


def _removed(case: Case, instruction: Instruction) -> Iterator[str]:
    """The folders and files that a RUN removes, whatever they hold."""
    for command, folder in placed_commands(case.script(instruction), case.state(instruction).workdir):
        yield from removed_paths(command, folder)


def removed_paths(command: ShellCommand, folder: str | None) -> Iterator[str]:
    """What an `rm` in a folder names, as absolute paths; nothing where one of its words is computed."""
    words = command.inner().words
    if command.inner().name != "rm" or any(word.literal is None for word in words):
        return
    for word in words[1:]:
        text = word.literal or ""
        if text.startswith("-") or (folder is None and not text.startswith("/")):
            continue
        yield posixpath.normpath(posixpath.join(folder or "/", text))
