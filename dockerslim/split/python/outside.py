"""What a Python image names besides its own code: programs of the system, and paths of the interpreter's folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.languages.evidence import Evidence
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.image_view import ImageView
from dockerslim.split.python.pip_command import PIP
from dockerslim.split.python.program import StartedPrograms, facts_of
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

if TYPE_CHECKING:
    from dockerslim.languages.python.source import ProgramFacts

SETTINGS = (".ini", ".conf", ".cfg", ".service", ".sh")
"""Files in which programs are named by their paths."""
DEEPEST_SETTINGS = 6
INTERPRETERS_PATH = re.compile(r"/usr/(?:local/)?bin/[\w.+-]+|/usr/(?:local/)?lib/python[\w.]*")
PACKAGES_FOLDER = re.compile(
    r"/usr/local/lib/python[\w.]*|/usr/(?:local/)?bin/(?:python|pip)[\w.]*|(?:site|dist)-packages"
)
TEST_FOLDERS = frozenset({"tests", "test", "docs", "examples"})


@dataclass(frozen=True, slots=True)
class NamedPrograms:
    """Programs that the image may run, by name, each with where that is said."""

    names: Mapping[str, str]
    computed: Evidence | None = None
    """A place where the program runs another one whose name the source doesn't tell."""


def named_programs(case: Case, stage: Stage, start: Start, programs: StartedPrograms) -> NamedPrograms:
    """Look at the command, its scripts, the HEALTHCHECK, compose files and the program's source.

    Raises Refused where a start script is not known, or installs packages.
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
            raise Refused(
                start.span, f"what `{script.word}` does when the container starts is not known", "copy it by name"
            )
        found.update((name, f"`{script.word}`") for name in table.named_in(script.text))
    for text, place in _texts(case, stage):
        found.update((name, place) for name in table.named_in(text))
    facts = facts_of(case, programs)
    if facts is None or not facts.complete:
        facts = _facts_of_all(programs.view)
    found.update((posixpath.basename(name), "the program") for name in facts.programs)
    computed = next(iter(facts.unknown_programs), None)
    if computed is not None:
        computed = replace(computed, file=programs.view.source(computed.file) or computed.file)
    return NamedPrograms(found, computed)


def _facts_of_all(view: ImageView) -> ProgramFacts:
    """Facts of all of the project's modules, for a program of which it isn't known where it begins."""
    from dockerslim.languages.python.source import program_facts

    entries = [path for path in view.context.files if path.endswith(".py") and not _is_for_tests(path)]
    return program_facts(view.context, entries, (posixpath.dirname(path) for path in entries))


def _is_for_tests(path: str) -> bool:
    name = posixpath.basename(path)
    is_test = name.startswith(("test_", "conftest", "setup.py", "noxfile", "fabfile"))
    return is_test or bool(TEST_FOLDERS & set(path.split("/")[:-1]))


def _texts(case: Case, stage: Stage) -> Iterator[tuple[str, str]]:
    """Commands given to the image from outside the program, and where they stand."""
    check = stage.last("HEALTHCHECK")
    if check is not None:
        yield " ".join(check.json) if check.json else check.value, "the HEALTHCHECK"
    for service in case.usage.services:
        for command in (service.command, service.entrypoint, service.healthcheck):
            if command:
                yield command if isinstance(command, str) else " ".join(command), f"`{service.file}`"


def check_paths(case: Case, stage: Stage, start: Start, programs: StartedPrograms) -> None:
    """Raises Refused where something names a path of the interpreter's own folder, which the packages leave."""
    for instruction in stage.all("RUN", "COPY", "ADD", "ENV"):
        text = case.script(instruction).source.text if instruction.keyword == "RUN" else instruction.value
        match = PACKAGES_FOLDER.search(text)
        if match is not None and not instruction.flag("from"):
            raise _outside(instruction, f"this names `{match[0]}`")
    view = programs.view
    made = " ".join(script.source.text for _, script in case.runs(stage))
    for text, place in _command_texts(case, stage, start, programs):
        for match in INTERPRETERS_PATH.finditer(text):
            path = match[0]
            if view.source(path) is None and path not in made and _is_the_interpreters(path):
                raise _outside(start.instruction, f"{place} names `{path}`")


def _outside(instruction: Instruction, reason: str) -> Refused:
    return Refused(instruction.span, f"{reason}, which lies outside a virtual environment", "name it without a path")


def _command_texts(case: Case, stage: Stage, start: Start, programs: StartedPrograms) -> Iterator[tuple[str, str]]:
    view = programs.view
    for words in start.commands():
        yield " ".join(words), "the command"
        if words and "/" in words[0]:
            state = case.states[stage.index].final
            text = view.read_text(state.path(words[0]) or words[0]) or ""
            yield text.split("\n", 1)[0], f"`{words[0]}`"
    for script in programs.scripts:
        yield script.text or "", f"`{script.word}`"
    yield from _texts(case, stage)
    for path in view.context.files:
        if path.endswith(SETTINGS) and path.count("/") <= DEEPEST_SETTINGS:
            yield view.read_text(path) or "", f"`{view.source(path) or path}`"


def _is_the_interpreters(path: str) -> bool:
    name = posixpath.basename(path)
    return path.startswith("/usr/local/") or name.startswith(("python", "pip")) or "/lib/" in path


def check_builders(named: NamedPrograms, start: Start) -> None:
    """Raises Refused where the image runs a compiler or its like."""
    for name, place in sorted(named.names.items()):
        if name in full_image_programs().builders:
            raise Refused(
                start.span,
                f"{place} runs `{name}`, which is for building",
                "build in a RUN of this file, or split it by hand",
            )
