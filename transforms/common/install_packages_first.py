"""Install packages before the source is copied.

What it does: a RUN that only installs packages of the system, or tools that npm brings for all users, moves above the
COPYs that stand over it. Such RUNs keep their order.
Why: a change of source no longer installs them again.
Left alone: a RUN that does anything else, names a file, or needs what is computed; one below another RUN, a USER, a
SHELL, an ARG, or a variable that an installer may read; one below a COPY into a folder of the system, which may bring
its settings.
Safety: safe. The same packages are installed from the same settings, and no COPY below them brings what they read.
Source: https://docs.docker.com/build/cache/optimize/#order-your-layers
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.layout import block_text, insert_before, remove_all
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.paths import is_within
from dockerslim.split.plain_installs import Kind, plain_install

CROSSED = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "WORKDIR"})
"""Instructions that mean the same above and below an install."""
OF_THE_PROGRAM = frozenset(
    "DJANGO_SETTINGS_MODULE FLASK_APP FLASK_ENV GIN_MODE HOST NEXT_TELEMETRY_DISABLED NODE_ENV PORT"
    " PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED".split()
)
"""Variables that no installer of packages reads."""
OF_OTHER_INSTALLERS = ("PIP_", "POETRY_", "UV_", "VIRTUAL_ENV")
OF_THE_SYSTEM = frozenset("bin dev etc lib lib32 lib64 proc root run sbin sys tmp usr var".split())
BELOW_THE_SYSTEM = ("/usr/src/", "/usr/app/", "/var/www/", "/var/app/", "/var/task/")
"""Folders there that hold applications all the same."""

HEAD = "FROM debian:bookworm-slim\nWORKDIR /app\n"
INSTALL = "RUN apt-get update && apt-get install -y curl\n"

transform = Transform(
    id="install-packages-first",
    title="Install packages before the source is copied",
    after=frozenset({"copy-dependencies-first", "split-stages", "replace-runtime-image", "build-in-parallel"}),
    examples=(
        Example("packages of the system", f"{HEAD}COPY . .\n{INSTALL}", f"{HEAD}{INSTALL}COPY . .\n"),
        Example(
            "a server beside what it serves",
            "FROM node:22-slim\nWORKDIR /app\nCOPY dist ./\nENV NODE_ENV=production\nRUN npm install -g serve\n"
            'CMD ["serve"]\n',
            "FROM node:22-slim\nWORKDIR /app\nRUN npm install -g serve\nCOPY dist ./\nENV NODE_ENV=production\n"
            'CMD ["serve"]\n',
            {"dist/index.html": ""},
        ),
        Unchanged("a package that the source brings", f"{HEAD}COPY . .\nRUN apt-get install -y ./tool.deb\n"),
        Unchanged("more than an install", f"{HEAD}COPY . .\nRUN apt-get install -y make && make\n"),
        Unchanged("settings of the installer", f"{HEAD}COPY . .\nCOPY sources.list /etc/apt/\n{INSTALL}"),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        moving: dict[int, list[Instruction]] = {}
        moved: list[Instruction] = []
        for instruction, script in case.runs(stage):
            kind = plain_install(instruction, script)
            place = _highest_place(case, stage, instruction, kind, moved) if kind is not None else None
            if place is not None:
                moving.setdefault(place.span.start, []).append(instruction)
                moved.append(instruction)
        if not moved:
            continue
        edits = remove_all(case.dockerfile, moved)
        for start, runs in moving.items():
            place = next(i for i in stage.instructions if i.span.start == start)
            text = "".join(block_text(case.dockerfile, run) for run in runs)
            if _stands_apart(case, runs[0]):
                text = ("" if _stands_apart(case, place) else "\n") + text + "\n"
            edits.append(insert_before(case.dockerfile, place, text))
        yield Fix(tuple(edits), why="a change of source no longer installs packages again", place=moved[0].span)


def _stands_apart(case: Case, instruction: Instruction) -> bool:
    """Is there a blank line above the instruction and its comments?"""
    above = case.dockerfile.text[: case.dockerfile.lines.line_start(instruction.block_start)]
    return above.replace("\r\n", "\n").endswith("\n\n")


def _highest_place(
    case: Case, stage: Stage, install: Instruction, kind: Kind, moved: Collection[Instruction]
) -> Instruction | None:
    """The highest COPY that it can stand above; None where it can't pass any."""
    above = [i for i in stage.instructions if i.span.start < install.span.start]
    place = None
    for instruction in reversed(above):
        if instruction in moved or instruction.keyword in CROSSED:
            continue
        if instruction.keyword == "ENV" and all(_is_unread(pair.key, kind) for pair in instruction.assignments):
            continue
        if instruction.keyword not in ("COPY", "ADD") or not _brings_the_program(case, stage, instruction):
            break
        place = instruction
    return place


def _is_unread(variable: str, kind: Kind) -> bool:
    """Does the install do the same without it? Packages of the system need nothing that a PATH of the author adds."""
    if variable == "PATH":
        return kind == "packages"
    return variable in OF_THE_PROGRAM or variable.startswith(OF_OTHER_INSTALLERS)


def _brings_the_program(case: Case, stage: Stage, copy: Instruction) -> bool:
    """Does all that it brings lie where only the program looks for it?"""
    files = case.files(stage)
    if copy in files.unknown:
        return False
    targets = [placement.target for placement in files.placements if placement.instruction is copy]
    workdir = case.state(copy).workdir or "/"
    return bool(targets) and all(_is_of_the_program(target, workdir) for target in targets)


def _is_of_the_program(target: str, workdir: str) -> bool:
    path = posixpath.normpath(target)
    top = path.split("/")[1]
    if not top or is_within(path, "/root"):
        return False
    is_in_workdir = workdir.count("/") > 2 and is_within(path, workdir)
    return top not in OF_THE_SYSTEM or is_in_workdir or path.startswith(BELOW_THE_SYSTEM)
