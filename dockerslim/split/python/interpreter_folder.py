"""Paths of the interpreter's own folder, which the packages leave for a virtual environment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.languages.evidence import Evidence
from dockerslim.split.image_view import ImageView
from dockerslim.split.python.outside import given_commands
from dockerslim.split.python.program import StartedPrograms, facts_of_source
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

SETTINGS = (".ini", ".conf", ".cfg", ".cron", ".mk", ".service", ".sh")
SETTINGS_NAMES = re.compile(
    r"Makefile|GNUmakefile|Procfile|crontab|(?:.*\.)?crontab|(?:ecosystem|pm2)[\w.-]*\.(?:json|js|cjs|yml)"
)
"""Files in which programs are named by their paths, by the ends of their names and by the whole ones."""
DEEPEST_SETTINGS = 6
INTERPRETERS_PATH = re.compile(r"/usr/(?:local/)?bin/[\w.+-]+|/usr/(?:local/)?lib/python[\w.]*")
PACKAGES_FOLDER = re.compile(
    r"/usr/local/lib/python[\w.]*|/usr/(?:local/)?bin/(?:python|pip)[\w.]*|(?:site|dist)-packages"
)


def check_paths(case: Case, stage: Stage, start: Start, programs: StartedPrograms) -> None:
    """Raises Refused where something names a path of the interpreter's own folder."""
    for instruction in stage.all("RUN", "COPY", "ADD", "ENV"):
        text = case.script(instruction).source.text if instruction.keyword == "RUN" else instruction.value
        match = PACKAGES_FOLDER.search(text)
        if match is not None:
            raise _outside(instruction, f"this names `{match[0]}`")
    made = " ".join(script.source.text for _, script in case.runs(stage))
    for instruction, path in _linked(case, stage):
        if made.count(path) == 1 and programs.view.source(path) is None:
            raise _outside(instruction, f"this names `{path}`")
    for text, place in _texts(case, stage, start, programs):
        for match in INTERPRETERS_PATH.finditer(text):
            path = match[0]
            if programs.view.source(path) is None and path not in made and _is_the_interpreters(path):
                raise _outside(start.instruction, f"{place} names `{path}`")


def _linked(case: Case, stage: Stage) -> Iterator[tuple[Instruction, str]]:
    """Programs of the interpreter's folder that a RUN makes links to."""
    for instruction, script in case.runs(stage):
        for command in script.commands:
            words = command.inner().known_arguments()
            if words and words[0] == "ln":
                yield from ((instruction, word) for word in words[1:-1] if word.startswith("/usr/local/bin/"))


def _outside(instruction: Instruction, reason: str) -> Refused:
    return Refused(instruction.span, f"{reason}, which lies outside a virtual environment", "name it without a path")


def _texts(case: Case, stage: Stage, start: Start, programs: StartedPrograms) -> Iterator[tuple[str, str]]:
    """Each text that names programs, and where it stands."""
    view = programs.view
    workdir = case.states[stage.index].final.workdir or "/"
    for words in start.commands():
        yield " ".join(words), "the command"
        yield from _interpreter_line(view, words[0] if words else "", workdir)
    for script in programs.scripts:
        yield script.text or "", f"`{script.word}`"
    yield from given_commands(case, stage)
    yield from _of_the_source(case, programs, workdir)
    for path in view.context.files:
        if path.count("/") <= DEEPEST_SETTINGS and _is_settings(view, path):
            yield view.read_text(path) or "", f"`{view.source(path) or path}`"


def _of_the_source(case: Case, programs: StartedPrograms, workdir: str) -> Iterator[tuple[str, str]]:
    """What the program's own modules say: literal paths, and the scripts that they run."""
    view = programs.view
    facts = facts_of_source(case, programs)
    for found in facts.interpreter_paths:
        yield found.path, _place(found.evidence, view)
    for name in facts.programs:
        if name.startswith("/usr/"):
            yield name, "the program"
        yield from _interpreter_line(view, name, workdir)


def _place(evidence: Evidence, view: ImageView) -> str:
    return f"{view.source(evidence.file) or evidence.file}:{evidence.line}"


def _interpreter_line(view: ImageView, word: str, workdir: str) -> Iterator[tuple[str, str]]:
    """The `#!` line of a script that is started by its path."""
    text = view.read_text(posixpath.normpath(posixpath.join(workdir, word))) if "/" in word else None
    if text is not None and text.startswith("#!"):
        yield text.split("\n", 1)[0], f"`{word}`"


def _is_settings(view: ImageView, path: str) -> bool:
    name = posixpath.basename(path)
    if name.endswith(".py"):
        return False
    if name.endswith(SETTINGS) or SETTINGS_NAMES.fullmatch(name) or "/cron" in f"/{posixpath.dirname(path)}":
        return True
    if "." in name or any(part.startswith(".") for part in path.split("/")):
        return False
    return (view.read_text(path) or "").startswith(("#!/bin/", "#!/usr/bin/env bash", "#!/usr/bin/env sh"))


def _is_the_interpreters(path: str) -> bool:
    name = posixpath.basename(path)
    return path.startswith("/usr/local/") or name.startswith(("python", "pip")) or "/lib/" in path
