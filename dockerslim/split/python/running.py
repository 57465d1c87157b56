"""What a Python program does at run time."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.evidence import Evidence
from dockerslim.split.image_view import ImageView
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.device_libraries import device_library
from dockerslim.split.python.downloaded_interpreters import interpreter_of_root
from dockerslim.split.python.hand_run_scripts import hand_run_programs
from dockerslim.split.python.home_downloads import python_home_data
from dockerslim.split.python.manager_runs import changes_at_start, home_environment
from dockerslim.split.python.pip_command import PYTHON, pip_commands
from dockerslim.split.python.program import StartedPrograms, facts_of, started_programs
from dockerslim.split.running import RunningProgram, absolute
from dockerslim.split.start import Start

if TYPE_CHECKING:
    from dockerslim.languages.python.source import ProgramFacts


def read(case: Case, stage: Stage, start: Start) -> RunningProgram | None:
    """None where the image does not start a Python program."""
    image = case.states[stage.index].final.image
    is_python = (image is not None and image.language == "python") or any(
        PYTHON.fullmatch(posixpath.basename(words[0])) or words[0].endswith(".py")
        for words in start.commands()
        if words
    )
    if not is_python or case.context is None:
        return None
    programs = started_programs(case, stage, start)
    tool = next((c.development_tool for c in programs.commands if c.development_tool), None) or ""
    facts = facts_of(case, programs)
    unknown = [*_unknown_starts(programs), *changes_at_start(case, stage, programs)]
    written: list[str] = []
    workdir = case.states[stage.index].final.workdir or "/"
    folders = {absolute(command.working_folder, workdir) for command in programs.commands}
    if len(folders) == 1:
        workdir = folders.pop()
    elif folders and facts is not None and any(path.kind == "cwd" for path in facts.writes):
        unknown.append("the commands work in different folders")
    for command in programs.commands:
        written.extend(absolute(path, workdir) for path in command.writes)
        unknown.extend(command.unknown_writes)
    for by_hand in hand_run_programs(case, stage, programs):
        written.extend(_known_writes(case, stage, by_hand))
    written.extend(_folders_of_the_environment(case, stage))
    if facts is not None:
        written.extend(_written(facts, programs, workdir, case.states[stage.index].final.env.get("HOME")))
        unknown.extend(_unknown(facts, programs.view))
        unknown.extend(_moved_by_compose(case, facts))
    elif not unknown:
        unknown.append(_without_program(start, programs))
    home = python_home_data(case, stage, programs.view, facts.home_data if facts is not None else ())
    return RunningProgram(
        tuple(dict.fromkeys(written)),
        tuple(dict.fromkeys(unknown)),
        needs_root=_needs_root(case, stage, programs) or _changes_user(programs, facts) or _reads_of_root(facts),
        development_tool=tool,
        reads_home=home.unsure,
        downloads=home.downloads,
    )


def _known_writes(case: Case, stage: Stage, programs: StartedPrograms) -> Iterator[str]:
    """What is known that they write; what isn't known of them says nothing about the image's own program."""
    state = case.states[stage.index].final
    workdir = state.workdir or "/"
    for command in programs.commands:
        yield from (absolute(path, workdir) for path in command.writes)
    facts = facts_of(case, programs)
    if facts is not None:
        yield from _written(facts, programs, workdir, state.env.get("HOME"))


def _without_program(start: Start, programs: StartedPrograms) -> str:
    """Why nothing is known of what runs, where each command line is understood and none leads to the project."""
    if not start.is_known:
        return "the command is more than plain commands"
    names = (posixpath.basename(words[0]) for words in programs.lines)
    if all(name in python_commands().understood for name in names):
        return "the image starts no program of its own, and what is run in the container besides is not known"
    return "the image starts no file of the build context"


def _unknown_starts(programs: StartedPrograms) -> Iterator[str]:
    for script in programs.scripts:
        if script.text is None:
            yield f"what `{script.word}` does is not known"
        elif script.is_given_nothing:
            yield f"`{script.word}` runs the command that it is given, and the image gives it none"
    for words, command in zip(programs.lines, programs.commands, strict=True):
        if command.entry_files or posixpath.basename(words[0]) in python_commands().understood:
            continue
        reason = command.reason or f"`{words[0]}` is not known"
        if command.kind == "unknown" or command.reason:
            # A name that leads nowhere says no more than the sentence does.
            why = "" if reason == f"`{posixpath.basename(words[0])}` is not known" else f": {reason}"
            yield f"what `{words[0]}` writes is not known{why}"


def _folders_of_the_environment(case: Case, stage: Stage) -> Iterator[str]:
    """Folders that the author's ENV names for libraries and tools to write into: HOME and its like."""
    state = case.states[stage.index].final
    for name in sorted(python_commands().written_folders):
        folder = state.env.get(name)
        if folder and folder.startswith("/"):
            yield absolute(folder.rstrip("/") + "/", "/")


def _moved_by_compose(case: Case, facts: ProgramFacts) -> Iterator[str]:
    """A path that a variable may replace, where compose sets variables."""
    named = next((path for path in facts.writes if path.is_default), None)
    service = next((s for s in case.usage.services if s.environment), None)
    if named is not None and service is not None:
        yield f"`{service.file}` sets variables, and one may replace `{named.path}` ({named.evidence})"


def _written(facts: ProgramFacts, programs: StartedPrograms, workdir: str, home: str | None) -> Iterator[str]:
    collects = any("collectstatic" in words for words in programs.lines)
    static = (facts.static_root,) if collects and facts.static_root is not None else ()
    for path in (*facts.writes, *static):
        if path.kind == "file":
            yield absolute("/" + path.path, workdir)
        elif path.kind == "cwd":
            yield absolute(path.path, workdir)
        elif home is not None:
            # The home folder is the user's own, but for one that the author names.
            yield absolute(path.path, home)


def _unknown(facts: ProgramFacts, view: ImageView) -> Iterator[str]:
    for evidence in facts.unknown_writes:
        yield f"a path that the program writes is computed ({_placed(evidence, view)})"
    for name in facts.programs:
        if not PYTHON.fullmatch(posixpath.basename(name)):
            yield f"the program runs `{name}`, and what that writes is not known"
    for evidence in facts.unknown_programs:
        yield f"the program runs another one that is computed ({_placed(evidence, view)})"
    for evidence in facts.needs_root:
        yield f"`{evidence.text}` may need root ({_placed(evidence, view)})"
    for evidence in facts.devices:
        yield f"`{evidence.text}` opens devices of the host, which are root's as a rule ({_placed(evidence, view)})"
    for evidence in facts.installs:
        yield f"the program installs packages or their data when it runs ({_placed(evidence, view)})"
    for evidence in facts.unreadable:
        yield f"{_placed(evidence, view)} could not be read"
    if not facts.complete and not facts.unreadable:
        yield "part of the program's source could not be found"


def _placed(evidence: Evidence, view: ImageView) -> Evidence:
    """The evidence with the file's name in the build context."""
    return replace(evidence, file=view.source(evidence.file) or evidence.file)


def _needs_root(case: Case, stage: Stage, programs: StartedPrograms) -> str:
    for command in pip_commands(case, stage):
        is_by_variable = case.state(command.instruction).env.get("PIP_USER", "") not in (
            "",
            "0",
            "no",
            "false",
            "off",
            None,
        )
        if (command.elsewhere == "--user" or is_by_variable) and case.state(command.instruction).is_root is not False:
            return "the packages are installed below /root, which only root can read"
    library = device_library(case)
    if library:
        return f"`{library}` opens devices of the host, which are root's as a rule"
    return home_environment(case, stage, programs) or interpreter_of_root(case, stage)


def _changes_user(programs: StartedPrograms, facts: ProgramFacts | None) -> str:
    """A server that is told to work as another user can't change to it without root."""
    option = next((c.changes_user for c in programs.commands if c.changes_user), "")
    if option:
        return f"`{option}` makes the server change to another user, which needs root"
    evidence = next(iter(facts.changes_user), None) if facts is not None else None
    return (
        f"the server changes to another user, which needs root ({_placed(evidence, programs.view)})" if evidence else ""
    )


def _reads_of_root(facts: ProgramFacts | None) -> str:
    """Files that the program's own source names and nobody else can read."""
    read = next((path for path in facts.reads if path.path.startswith("/root/")), None) if facts is not None else None
    return f"the program reads `{read.path}`, which only root can" if read is not None else ""
