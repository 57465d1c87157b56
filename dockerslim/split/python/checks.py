"""What keeps a Python stage from being split."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import partial

from dockerslim.case import Case
from dockerslim.dockerfile import Span, Stage
from dockerslim.images.image import Image
from dockerslim.split.checks import check_instructions, check_use
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.divided_run import can_divide
from dockerslim.split.python.program import StartedPrograms, facts_of_source
from dockerslim.split.python.purpose import PurposedRun, PythonStage, shown_command
from dockerslim.split.python.source_mounts import is_source_mount
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

HARMLESS_PACKAGES = frozenset(
    {"python3-dev", "python3-distutils", "python3-pip", "python3-setuptools", "python3-venv", "python3-wheel"}
)
ELSEWHERE = frozenset({"PIP_PREFIX", "PIP_PYTHON", "PIP_ROOT", "PIP_TARGET", "PIP_USER"})
"""Variables by which pip installs as with the options of the same names."""
ELSEWHERE_SET = re.compile(rf"\b({'|'.join(sorted(ELSEWHERE))})=(?!['\"]?(?:0|no|false|off)?['\"]?(?:\s|$))")
OFF = ("", "0", "no", "false", "off", None)


def checked_start(case: Case, stage: Stage) -> Start:
    """What the image starts. Raises Refused where that, or an instruction, is not for a split."""
    start = check_use(case, stage, is_harmless=partial(is_source_mount, case, stage))
    for words in start.commands():
        name = posixpath.basename(words[0]) if words else ""
        if name in python_commands().development_tools:
            raise Refused(
                start.span, f"`{name}` is for work on the code", "write a Dockerfile for production beside it"
            )
    if not start.is_known:
        raise Refused(start.span, "the command is more than plain commands", "start the program itself")
    check_instructions(case, stage, carries_downloads=True)
    return start


def check_programs(case: Case, programs: StartedPrograms, used: StartedPrograms, start: Start) -> None:
    """Raises Refused for a development server, and for a program that installs packages itself.

    `programs` are those of the image's own start, `used` all that run in it.
    """
    for command in programs.commands:
        if command.development_tool:
            raise Refused(
                start.span,
                f"`{command.development_tool}` is a development server",
                "write a Dockerfile for production beside it",
            )
    for evidence in facts_of_source(case, used).installs:
        place = replace(evidence, file=used.view.source(evidence.file) or evidence.file)
        raise Refused(
            start.span,
            f"the program installs packages or their data when it runs ({place})",
            "install them in a RUN of this file",
        )


def check_runs(case: Case, read: PythonStage) -> None:
    """Raises Refused for a RUN whose effects are not known, and for an install that an environment does not hold."""
    if read.unknown:
        unknown = read.unknown[0]
        raise Refused(unknown.span, unknown.reason, unknown.help)
    for run in read.runs:
        if run.purpose == "install" and not can_divide(run.instruction, case.script(run.instruction), run.kinds):
            raise undivided(case, run)
    for install in read.installs:
        span = install.command.script.span(install.command.command.start, install.command.command.end)
        if install.needs_source and not install.installs_project:
            why = f", and {install.why_source}" if install.why_source else ""
            raise Refused(
                span,
                f"`{install.needs_source}` is installed from the source{why}",
                "install the packages from a requirements file, and start the program out of its folder",
            )
        if install.unknown:
            raise Refused(span, install.unknown, install.help or "name requirements files that the build context has")
        if install.installs_project and not install.is_plainly_built:
            raise Refused(
                span,
                "what building the project leaves among its source is not known",
                f"leave the project out of the install: `{install.without_project}`",
            )
    for package in read.packages:
        if package.name in python_commands().starters:
            raise Refused(
                package.span,
                f"`{package.name}` starts programs with an environment of its own",
                "split the file by hand, and name the programs in /opt/venv/bin there",
            )
        if package.name.startswith("python3-") and package.name not in HARMLESS_PACKAGES:
            raise Refused(
                package.span,
                f"`{package.name}` is for the distribution's own Python, which a virtual environment does not see",
                "install it with pip",
            )


def undivided(case: Case, run: PurposedRun) -> Refused:
    """Why a RUN that installs packages can't be left in one stage, nor its commands told apart."""
    commands = case.script(run.instruction).commands
    other = next(shown_command(c) for c, kind in zip(commands, run.kinds, strict=True) if kind == "runtime")
    return Refused(
        run.instruction.span, f"packages are installed in one RUN with `{other}`", f"give `{other}` a RUN of its own"
    )


def _elsewhere(span: Span, name: str) -> Refused:
    return Refused(
        span, f"`{name}` makes pip install outside the interpreter's own folder", "install without it, or split by hand"
    )


def check_settings(case: Case, stage: Stage, image: Image, read: PythonStage) -> None:
    """Raises Refused where users or variables keep packages out of an environment."""
    last = max(run.instruction.span.start for run in read.runs if run.purpose == "install")
    for user in stage.all("USER"):
        if user.span.start < last and user.value.partition(":")[0] not in ("root", "0"):
            raise Refused(
                user.span, f"the packages are installed as `{user.value}`", "install them above USER, as root"
            )
    for instruction in stage.all("ENV", "ARG"):
        for pair in instruction.assignments:
            is_old_path = pair.key == "PYTHONPATH" and "/usr/" in (pair.value or "")
            if is_old_path or pair.key in ("PYTHONHOME", "PYTHONUSERBASE"):
                raise Refused(instruction.span, f"`{pair.key}` leads past a virtual environment", "take it out")
            if pair.key in ELSEWHERE and pair.value not in OFF:
                raise _elsewhere(instruction.span, pair.key)
    for run in read.runs:
        found = ELSEWHERE_SET.search(case.script(run.instruction).source.text)
        if found:
            raise _elsewhere(run.instruction.span, found[1])
    if image.variant == "full" and image.release not in ("bullseye", "bookworm", "buster", "stretch"):
        for run in read.runs:
            if (run.purpose == "runtime" or run.kinds) and any(
                c.inner().name in ("adduser", "addgroup") for c in case.script(run.instruction).commands
            ):
                raise Refused(
                    run.instruction.span,
                    "Debian 13's slim image has no `adduser`",
                    "use `useradd`, which every Debian image has",
                )
