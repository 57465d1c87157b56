"""Run Python on the slim image where another stage has installed the packages, or there are none.

What it does: the last stage of a multi-stage file, where it is the full image of Python and installs no packages
itself, is built from the slim twin; so is the only stage of a file whose program needs no packages. A system library
or a program that the full image had and that is needed comes back as its package.
Why: compilers and headers are in the stage that installs; the last one only carries them.
Left alone: a slim image; a stage that installs, which split-stages is for.
Refused: what split-stages refuses: a distribution in no table, a program that is computed, a RUN whose effects are not
known.
Safety: safe for what is shown; anything that can't be shown is a refusal.
Sources: https://docs.docker.com/build/building/multi-stage/, https://hub.docker.com/_/python
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.dockerfile import Edit, Stage
from dockerslim.dockerfile.layout import insert_before
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.split.package_lines import PackageStyle, package_style
from dockerslim.split.python.checks import check_programs, check_runs, checked_start
from dockerslim.split.python.fonts import font_packages
from dockerslim.split.python.image import runtime_image
from dockerslim.split.python.installs import run_installs
from dockerslim.split.python.libraries import check_libraries
from dockerslim.split.python.needs import library_packages, program_packages, standard_library
from dockerslim.split.python.outside import check_builders, named_programs
from dockerslim.split.python.program import StartedPrograms, facts_of, started_programs
from dockerslim.split.python.purpose import PurposedRun, PythonStage, read_stage
from dockerslim.split.python.used_programs import used_programs
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start, start_of
from dockerslim.split.templates import render

APP = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
BUILD = "FROM python:3.12-bookworm AS build\nRUN python -m venv /venv\nENV PATH=/venv/bin:$PATH\n"
INSTALL = "COPY requirements.txt .\nRUN pip install -r requirements.txt\n\n"
RUN = 'ENV PATH=/venv/bin:$PATH\nCOPY --from=build /venv /venv\nCOPY app.py .\nCMD ["python", "app.py"]\n'

transform = Transform(
    id="replace-runtime-image",
    title="Run Python on the slim image",
    languages=frozenset({"python"}),
    after=frozenset({"use-exec-form", "split-stages"}),
    examples=(
        Example(
            "the full image once more",
            BUILD + INSTALL + "FROM python:3.12-bookworm\n" + RUN,
            BUILD + INSTALL + "FROM python:3.12-slim-bookworm\n" + RUN,
            APP,
        ),
        Example(
            "a program without packages",
            'FROM python:3.12\nCOPY app.py .\nCMD ["python", "app.py"]\n',
            'FROM python:3.12-slim\nCOPY app.py .\nCMD ["python", "app.py"]\n',
            {"app.py": "import http.server\n"},
        ),
        Unchanged("slim already", BUILD + INSTALL + "FROM python:3.12-slim-bookworm\n" + RUN, context=APP),
        Unchanged(
            "a distribution in no table",
            BUILD + INSTALL + "FROM python:3.12-bookworm\n" + RUN,
            reason="which libraries `seldom-seen` needs of the full image is not known",
            context={**APP, "requirements.txt": "seldom-seen\n"},
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class SystemPackages:
    """What fills templates/python/system_packages.dockerfile.jinja."""

    packages: tuple[str, ...]
    style: PackageStyle


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.final.final.image
    if case.final.base_stage is not None or image is None or image.family != "python" or not image.known:
        return
    if (
        image.variant != "full"
        or case.dockerfile.escape != "\\"
        or case.options.program_runtime not in ("auto", "slim")
    ):
        return
    read = read_stage(case, stage)
    if any(run.purpose == "install" for run in read.runs):
        return
    installed = _installed(case, stage)
    is_alone = len(case.dockerfile.stages) == 1 and not read.unknown and start_of(case, stage) is not None
    if not installed and not is_alone:
        return
    try:
        yield _plan_image(case, stage, image, read, PythonStage(installed, ()))
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _installed(case: Case, stage: Stage) -> tuple[PurposedRun, ...]:
    """The installs of the stages that this one copies from."""
    names = {p.stage for p in case.files(stage).placements if p.stage is not None}
    found: list[PurposedRun] = []
    for name in sorted(names):
        source = case.dockerfile.stage_named(name, stage.index)
        while source is not None:
            for instruction in source.all("RUN"):
                installs = tuple(run_installs(case, source, instruction))
                found.extend([PurposedRun(instruction, "install", (), installs)] if installs else [])
            source = case.states[source.index].base_stage
    return tuple(found)


def _check_needs_no_packages(case: Case, programs: StartedPrograms, start: Start) -> None:
    facts = facts_of(case, programs)
    is_known = all(command.entry_files and command.console_script is None for command in programs.commands)
    if facts is None or not facts.complete or not is_known or programs.scripts:
        raise Refused(start.span, "which files the program runs is not known", "start a file of the build context")
    if facts.imports:
        reason = f"nothing here installs `{min(facts.imports)}`, which the program imports"
        raise Refused(start.span, reason, "install it in a RUN of this file")


def _plan_image(case: Case, stage: Stage, image: Image, read: PythonStage, installed: PythonStage) -> Fix:
    start = checked_start(case, stage)
    wanted = runtime_image(case, stage, image)
    programs = started_programs(case, stage, start)
    used = used_programs(case, stage, start, programs)
    check_programs(case, programs, used, start)
    check_runs(case, read)
    if not installed.runs:
        _check_needs_no_packages(case, used, start)
    unknown = next((install for install in installed.installs if install.unknown or install.lacks_source), None)
    if unknown is not None:
        command = unknown.command
        raise Refused(
            command.script.span(command.command.start, command.command.end),
            unknown.unknown or f"`{unknown.needs_source}` is installed from the source",
            "install from requirements files that the build context has",
        )
    named = named_programs(case, stage, start, programs, used)
    check_builders(named, start)
    own = [package.name for package in read.packages]
    added = [
        *library_packages(case.options, installed, image, stage.from_.span),
        *standard_library(case, used, image, start.span),
        *program_packages(case.options, named, start.span),
        *font_packages(case, used),
    ]
    check_libraries(case, used, [*own, *added], start.span)
    edits = [Edit(stage.from_.words[0].span, wanted)]
    missing = tuple(name for name in dict.fromkeys(added) if name not in own)
    place = next((i for i in stage.instructions if i.keyword in ("COPY", "ADD")), None)
    if missing and place is not None:
        text = render("python/system_packages.dockerfile.jinja", SystemPackages(missing, package_style(case, stage)))
        edits.append(insert_before(case.dockerfile, place, text))
    return Fix(tuple(edits), why=f"nothing is built in the last stage: it is {wanted}", place=stage.from_.span)
