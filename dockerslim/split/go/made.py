"""What a `make` in a RUN runs: the scripts of the Makefile that lies in the image then, read and never run."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, shell_script
from dockerslim.languages.make_command import MakeProblem, make_command
from dockerslim.languages.makefile import (
    NAMES,
    Makefile,
    environment_of,
    read_makefile,
    recipes,
)

DEEPEST = 5
"""How many makes start each other."""


@dataclass(frozen=True, slots=True)
class Made:
    """The scripts that make starts, one for each line, each in `folder` and with `environment` besides the image's.

    The value of a variable is None where it is computed.
    """

    scripts: tuple[Script, ...]
    folder: str
    environment: Mapping[str, str | None]


def made_by(
    case: Case,
    stage: Stage,
    instruction: Instruction,
    words: Sequence[str],
    folder: str | None,
    environment: Mapping[str, str | None],
    written: Collection[str] = (),
) -> Made:
    """What `make ...` runs. Raises MakeProblem where that can't be told.

    `environment` are the variables that the command is given by its script; `written` are paths that earlier commands
    made.
    """
    command = make_command(words[1:])
    if folder is None or "$" in command.folder + command.file:
        raise MakeProblem("the folder it runs in is computed")
    work = posixpath.normpath(posixpath.join(folder, command.folder))
    text = _text(case, stage, instruction, work, command.file)

    def is_there(path: str) -> bool:
        whole = posixpath.normpath(posixpath.join(work, path))
        source = case.files(stage).context_path(whole, instruction)
        return whole in written or (source is not None and case.context is not None and case.context.has(source))

    known = _environment(case, instruction, environment)
    makefile = read_makefile(text, command.variables, known, is_there)
    lines = recipes(makefile, command.goals, work, is_there)
    return Made(tuple(shell_script(line.text) for line in lines), work, _changed(makefile, known))


def _text(case: Case, stage: Stage, instruction: Instruction, folder: str, name: str) -> str:
    for candidate in (name,) if name else NAMES:
        source = case.files(stage).context_path(posixpath.join(folder, candidate), instruction)
        text = case.context.read_text(source) if source is not None and case.context is not None else None
        if text is not None:
            return text
    raise MakeProblem(f"there is no Makefile in `{folder}` that can be read")


def _environment(case: Case, instruction: Instruction, given: Mapping[str, str | None]) -> dict[str, str]:
    """What make finds set; a value that isn't known becomes a shell variable."""
    state = case.state(instruction)
    merged = {**state.arguments, **state.env, **given}
    return {name: value if value is not None else f"${name}" for name, value in merged.items()}


def _changed(makefile: Makefile, before: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that make gives its commands otherwise than it found them."""
    if "CGO_ENABLED" in makefile.variables and "CGO_ENABLED" not in makefile.exported:
        raise MakeProblem("the Makefile sets `CGO_ENABLED` and does not export it")
    found = environment_of(makefile)
    return {
        name: value
        for name, value in found.items()
        if before.get(name) != value and not (value is None and before.get(name) == f"${name}")
    }
