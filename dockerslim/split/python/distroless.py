"""A Python program on distroless, which has an interpreter and nothing to start scripts with.

The packages of the environment are copied as such and found by PYTHONPATH, since the environment's own interpreter is a
link to one that is not there; the command is the interpreter's arguments.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.image import Image
from dockerslim.split.python.division import Division
from dockerslim.split.python.outside import NamedPrograms, given_commands
from dockerslim.split.python.pip_command import PYTHON
from dockerslim.split.python.program import StartedPrograms
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

MODULES = {
    "celery": "celery",
    "daphne": "daphne",
    "fastapi": "fastapi",
    "flask": "flask",
    "gunicorn": "gunicorn",
    "hypercorn": "hypercorn",
    "streamlit": "streamlit",
    "uvicorn": "uvicorn",
    "waitress-serve": "waitress",
}
"""Console scripts whose modules do the same under `python -m`."""
HELP = "leave `--runtime distroless` out"


@dataclass(frozen=True, slots=True)
class BareInterpreter:
    """How the program starts where the image is but an interpreter.

    `modules` is the folder that is taken of the environment; `command` is what `instruction` says instead.
    """

    modules: str
    instruction: Instruction
    command: str


def check_distroless(
    case: Case,
    stage: Stage,
    division: Division,
    start: Start,
    programs: StartedPrograms,
    named: NamedPrograms,
    packages: Sequence[str],
) -> None:
    """Raises Refused where the image needs more than the interpreter."""
    state = case.states[stage.index].final
    if start.words is None or programs.scripts:
        raise Refused(start.span, "the command needs a shell, which distroless lacks", "start the program itself")
    outside = sorted(
        {*packages, *division.tools, *(n for n in named.names if not PYTHON.fullmatch(n) and n not in start.words)}
    )
    if outside:
        raise Refused(start.span, f"the image needs `{outside[0]}`, which distroless lacks", HELP)
    for run in division.read.runs:
        if division.role(run.instruction) != "build":
            raise Refused(run.instruction.span, "distroless has no shell to run this with", HELP)
    given = next((place for _, place in given_commands(case, stage)), None)
    if given is not None:
        raise Refused(start.span, f"{given} gives a command that is not the interpreter's", HELP)
    if any(install.links_source for install in division.read.installs):
        raise Refused(start.span, "the project is installed as a link to its source", HELP)
    if "PYTHONPATH" in state.env:
        raise Refused(start.span, "`PYTHONPATH` is set already", HELP)
    if not (state.user or "root").partition(":")[0].isdigit() and state.user not in ("", "root", None):
        raise Refused(start.span, f"distroless has no user `{state.user}`", "name the user by its number")


def bare_interpreter(start: Start, image: Image, environment: str) -> BareInterpreter:
    """For a program of the build image, whose environment is the folder `environment`."""
    version = ".".join(map(str, (image.language_version or ())[:2]))
    words = start.words or ()
    name = posixpath.basename(words[0])
    if PYTHON.fullmatch(name):
        arguments = words[1:]
    elif name.endswith(".py"):
        arguments = words
    elif name in MODULES:
        arguments = ("-m", MODULES[name], *words[1:])
    else:
        raise Refused(start.span, f"which module `{words[0]}` starts is not known", "start it with `python -m`")
    if start.instruction.keyword == "ENTRYPOINT":
        arguments = (f"/usr/bin/python{version}", *arguments)
    modules = f"{environment}/lib/python{version}/site-packages"
    return BareInterpreter(modules, start.instruction, json.dumps(list(arguments)))
