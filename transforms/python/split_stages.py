"""Install Python packages in one stage and run them in another, on the slim image.

What it does: the stage becomes a build stage, in which pip installs into a virtual environment, or uv, Poetry, pipenv
or PDM into the project's own `.venv`; a new stage below it has the environment at the same path, the system libraries
that its packages load, and the author's own source, commands and settings in their order. A manager comes along only
where the image runs it, as `poetry run` and `uv run` do.
Why: compilers, headers and the full image's tools are needed once, and are most of the image.
Where it runs: the slim twin of a full image, the same image otherwise; the slim image of Python for one of uv, unless
the program runs uv. A RUN that does something for the image besides installing is divided between the stages. Source
that is removed once it is installed, and a build argument that nothing of the new stage reads, stay behind. A
library that the packages need and the slim image lacks is installed there, by a table for the release; a program that
the project, a HEALTHCHECK or a compose file runs comes back as its package.
Left alone: a slim image without packages for building, where a second stage would save nothing.
Refused: a distribution that is in no table and has no wheel in a lock file, where the full image might hold what it
needs; an install by a tool that is not known, of a project whose build does more than pack it, or outside the
interpreter; a `uv run` that would build the project again; a RUN whose effects are not known; a development server; a
compose file that mounts another folder than the image's source over the work folder, or the source over the packages;
a path such as /usr/local/bin/python in a command, a script or the source; a shared library that the program loads
itself and the slim image lacks.
Safety: safe for what is shown; anything that can't be shown is a refusal.
Sources: https://docs.docker.com/build/building/multi-stage/, https://docs.python.org/3/library/venv.html,
https://hub.docker.com/_/python
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import replace

from dockerslim.dockerfile import Edit, Stage
from dockerslim.dockerfile.layout import insert_before
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.split.moving import cut, free_stage_name
from dockerslim.split.package_lines import package_style
from dockerslim.split.python.brought_modules import check_brought_modules
from dockerslim.split.python.checks import check_programs, check_runs, check_settings, checked_start
from dockerslim.split.python.distroless import bare_interpreter, check_distroless
from dockerslim.split.python.division import Division, divide_stage
from dockerslim.split.python.environment import Environment, check_venv, find_environment
from dockerslim.split.python.fonts import font_packages
from dockerslim.split.python.image import AUTOMATIC, FAMILIES, check_served, runtime_image
from dockerslim.split.python.interpreter_folder import check_paths
from dockerslim.split.python.libraries import check_found_libraries, check_libraries
from dockerslim.split.python.manager_runs import check_rebuilds
from dockerslim.split.python.needs import (
    check_package_manager,
    compiler_libraries,
    dropped_packages,
    library_packages,
    program_packages,
    replaced_packages,
    standard_library,
    uses_git,
)
from dockerslim.split.python.outside import check_builders, named_programs
from dockerslim.split.python.program import StartedPrograms, facts_of, started_programs
from dockerslim.split.python.purpose import PythonStage, read_stage
from dockerslim.split.python.settings import PIP_VARIABLES
from dockerslim.split.python.source_mounts import check_environment
from dockerslim.split.python.split import RuntimeStage, environment_line_place, from_flags, runtime_parts
from dockerslim.split.python.tools import manager_variables, needed_tools
from dockerslim.split.python.used_programs import used_programs
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start
from dockerslim.split.templates import render

FLASK = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CMD = 'CMD ["python", "app.py"]\n'

CHANGED = ("PATH", "PYTHONPATH", *PIP_VARIABLES, *manager_variables(()))

transform = Transform(
    id="split-stages",
    title="Run Python in an image without its build",
    languages=frozenset({"python"}),
    after=frozenset({"copy-dependencies-first", "use-exec-form"}),
    changes=frozenset({"CMD", "ENTRYPOINT", *(f"ENV {name}" for name in CHANGED)}),
    examples=(
        Example(
            "the full image",
            "FROM python:3.12\n" + INSTALL + CMD,
            "FROM python:3.12 AS build\nWORKDIR /app\n" + VENV + "COPY requirements.txt ./\n"
            "RUN pip install -r requirements.txt\n\nFROM python:3.12-slim\nWORKDIR /app\n"
            + CARRIED
            + "COPY . .\n"
            + CMD,
            FLASK,
        ),
        Example(
            "a compiler on the slim image",
            "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc libpq-dev\n" + INSTALL + CMD,
            "FROM python:3.12-slim-bookworm AS build\nRUN apt-get update && apt-get install -y gcc libpq-dev\n"
            "WORKDIR /app\n" + VENV + "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n\n"
            "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n"
            "    libpq5 \\\n    && rm -rf /var/lib/apt/lists/*\nWORKDIR /app\n" + CARRIED + "COPY . .\n" + CMD,
            {**FLASK, "requirements.txt": "psycopg2\n"},
        ),
        Unchanged("slim and nothing to build", "FROM python:3.12-slim\n" + INSTALL + CMD, context=FLASK),
        Unchanged(
            "a distribution in no table",
            "FROM python:3.12\n" + INSTALL + CMD,
            reason="which libraries `seldom-seen` needs of the full image is not known",
            context={**FLASK, "requirements.txt": "seldom-seen\n"},
        ),
        Unchanged(
            "a development server",
            "FROM python:3.12\n" + INSTALL + 'CMD ["python", "manage.py", "runserver"]\n',
            reason="`manage.py runserver` is a development server",
            context={**FLASK, "manage.py": ""},
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.final.final.image
    if case.final.base_stage is not None or image is None or image.family not in FAMILIES:
        return
    if not image.known:
        if "$" in stage.base and any(run.purpose == "install" for run in read_stage(case, stage).runs):
            yield Skip(
                stage.from_.span,
                f"which image of Python `{stage.base}` is can't be told",
                help="give the variable a default in its ARG",
            )
        return
    if image.variant not in ("full", "slim", "alpine") or "python" not in image.programs:
        return
    if case.dockerfile.escape != "\\":
        return
    read = read_stage(case, stage)
    if not read.unknown and not any(run.purpose == "install" for run in read.runs):
        return
    is_small = image.variant != "full" and case.options.program_runtime in AUTOMATIC
    if is_small and not dropped_packages(read.packages, image):
        return
    try:
        fix = _plan_split(case, stage, image, read)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)
    else:
        if fix is not None:
            yield fix


def _plan_split(case: Case, stage: Stage, image: Image, read: PythonStage) -> Fix | None:
    start = checked_start(case, stage)
    programs = started_programs(case, stage, start)
    used = used_programs(case, stage, start, programs)
    _check_program(case, stage, image, read, start, programs, used)
    environment = find_environment(case, stage, read, programs.view)
    check_environment(case, stage, environment.folder)
    named = named_programs(case, stage, start, programs, used)
    check_builders(named, start)
    keeps_git = uses_git(read, named)
    dropped = [p for p in dropped_packages(read.packages, image) if not (keeps_git and p.name in GIT)]
    if image.variant != "full" and case.options.program_runtime in AUTOMATIC and not dropped:
        return None
    tools = needed_tools(case, stage, read, used, named)
    image_name = runtime_image(case, stage, image, needs_uv="uv" in tools)
    kept_files = _manifests_in_use(case, used, read, tools)
    division = divide_stage(case, stage, read, start, tools=tools, dropped=dropped, kept_files=kept_files)
    replaced = replaced_packages(division.built, image, keeps_git=keeps_git)
    if image.variant == "full":
        added = [
            *library_packages(case.options, read, image, stage.from_.span),
            *standard_library(case, used, image, start.span),
            *program_packages(case.options, named, start.span),
            *font_packages(case, used),
        ]
        check_libraries(case, used, [*division.own, *replaced.names, *added], start.span)
    else:
        if image.distribution == "alpine":
            check_found_libraries(case, read, used, [package.name for package in dropped])
        added = list(compiler_libraries(read, image))
    wanted = [name for name in added if name not in division.own]
    check_served(stage, image, wanted, has_own=bool(read.packages))
    interpreter = None
    if case.options.program_runtime == "distroless":
        packages = [*division.own, *replaced.names, *added]
        check_distroless(case, stage, division, start, programs, named, packages)
        interpreter = bare_interpreter(start, image, environment.folder)
    elif case.options.program_runtime not in AUTOMATIC:
        check_package_manager(case, [*replaced.names, *wanted], stage.from_.span)
    build = free_stage_name(case.dockerfile)
    installed = replace(replaced, names=(*replaced.names, *wanted))
    facts = RuntimeStage(
        "".join(f"{flag} " for flag in from_flags(case, stage)),
        image_name,
        stage.name,
        build,
        package_style(case, stage),
        runtime_parts(case, stage, division, environment, installed, interpreter),
    )
    runtime = render("python/runtime_stage.dockerfile.jinja", facts)
    moving = [i for i in stage.instructions if division.role(i) == "runtime"]
    edits = [*_environment_edits(case, stage, division, environment), *cut(case, stage, build, runtime, moving)]
    edits.extend(edit for parts in division.divided.values() for edit in parts.edits)
    what = "the full image's tools" if image.variant == "full" else "what only builds"
    return Fix(
        tuple(edits),
        why=f"the image no longer holds {what}: it is {image_name}",
        ignore_lines=environment.ignore_lines,
        caution=DISTROLESS if interpreter is not None else "",
        place=stage.from_.span,
    )


def _check_program(
    case: Case,
    stage: Stage,
    image: Image,
    read: PythonStage,
    start: Start,
    programs: StartedPrograms,
    used: StartedPrograms,
) -> None:
    """Raises Refused where what the image starts or sets can't be taken into another image."""
    check_programs(case, programs, used, start)
    check_rebuilds(case, programs, start)
    check_runs(case, read)
    check_venv(case, stage, image, read)
    check_settings(case, stage, image, read)
    check_paths(case, stage, start, used)
    check_brought_modules(case, read, used)


DISTROLESS = "the image has no shell, and what `docker run` is given are arguments of the interpreter"
GIT = frozenset({"git", "git-core"})


def _manifests_in_use(
    case: Case, programs: StartedPrograms, read: PythonStage, tools: Collection[str]
) -> frozenset[str]:
    """Manifests and lock files that the program reads itself, or a manager that the image runs."""
    facts = facts_of(case, programs)
    workdir = case.final.final.workdir or "/"
    wanted = {file.source for install in read.installs for file in install.files}
    paths = [
        posixpath.join("/" if path.kind == "file" else workdir, path.path) for path in (facts.reads if facts else ())
    ]
    of_program = (programs.view.source(posixpath.normpath(path)) for path in paths)
    of_tools = (f.source for i in read.installs if i.project and i.project.manager.name in tools for f in i.files)
    return frozenset(source for source in (*of_program, *of_tools) if source in wanted)


def _environment_edits(case: Case, stage: Stage, division: Division, environment: Environment) -> Iterator[Edit]:
    yield from environment.edits
    if not environment.lines:
        return
    place = environment_line_place(stage, division)
    start = case.dockerfile.lines.line_start(place.block_start)
    above = case.dockerfile.text[:start].replace("\r\n", "\n")
    gap = "\n" if place.leading_comments and above.endswith("\n\n") else ""
    yield insert_before(case.dockerfile, place, environment.lines + gap)
