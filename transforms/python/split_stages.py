"""Install Python packages in one stage and run them in another, on the slim image.

What it does: the stage becomes a build stage, in which pip installs into a virtual environment; a new stage below it
has the environment at the same path, the system libraries that its packages load, and the author's own source,
commands and settings in their order.
Why: compilers, headers and the full image's tools are needed once, and are most of the image.
Where it runs: the slim twin of a full image, the same image otherwise. A library that the packages need and the slim
image lacks is installed there, by a table for the release; a program that the project, a HEALTHCHECK or a compose file
runs comes back as its package.
Left alone: a slim image without packages for building, where a second stage would save nothing.
Refused: a distribution that is in no table, where the full image might hold what it needs; an install by another tool
than pip, of the project itself, or outside the interpreter; a RUN whose effects are not known; a development server; a
compose file that mounts the source over the work folder; a path such as /usr/local/bin/python in a command, a script or
the source; a shared library that the program loads itself and the slim image lacks.
Safety: safe for what is shown; anything that can't be shown is a refusal.
Sources: https://docs.docker.com/build/building/multi-stage/, https://docs.python.org/3/library/venv.html,
https://hub.docker.com/_/python
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Stage
from dockerslim.dockerfile.layout import insert_before
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.images.runtime import slim_twin
from dockerslim.split.checks import check_instructions, check_use
from dockerslim.split.moving import cut, free_stage_name
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.interpreter_folder import check_paths
from dockerslim.split.python.libraries import check_libraries
from dockerslim.split.python.needs import (
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
from dockerslim.split.python.split import (
    PIP_VARIABLES,
    Environment,
    Role,
    RuntimeStage,
    environment_line_place,
    find_environment,
    from_flags,
    roles,
    runtime_parts,
)
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start
from dockerslim.split.templates import render

FLASK = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CMD = 'CMD ["python", "app.py"]\n'

transform = Transform(
    id="split-stages",
    title="Run Python in an image without its build",
    languages=frozenset({"python"}),
    after=frozenset({"copy-dependencies-first", "use-exec-form"}),
    changes=frozenset({"ENV PATH", *(f"ENV {name}" for name in PIP_VARIABLES)}),
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
    if len(case.dockerfile.stages) != 1 or image is None or image.family != "python" or not image.known:
        return
    if image.variant not in ("full", "slim", "alpine") or case.dockerfile.escape != "\\":
        return
    read = read_stage(case, stage)
    if not read.unknown and not any(run.purpose == "install" for run in read.runs):
        return
    if image.variant != "full" and not dropped_packages(read.packages, image):
        return
    try:
        fix = _plan_split(case, stage, image, read)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)
    else:
        if fix is not None:
            yield fix


def _plan_split(case: Case, stage: Stage, image: Image, read: PythonStage) -> Fix | None:
    start = _start(case, stage)
    runtime_image = _runtime_image(case, stage, image)
    programs = started_programs(case, stage, start)
    _check_programs(programs, start)
    _check_runs(stage, read)
    _check_settings(case, stage, image, read)
    check_paths(case, stage, start, programs)
    environment = find_environment(case, stage, read, programs.view)
    named = named_programs(case, stage, start, programs)
    check_builders(named, start)
    keeps_git = uses_git(read, named)
    dropped = [p for p in dropped_packages(read.packages, image) if not (keeps_git and p.name in GIT)]
    if image.variant != "full" and not dropped:
        return None
    found = roles(case, stage, read, bool(dropped), _manifests_in_use(case, programs, read))
    built = [package for package in read.packages if found[package.instruction.span.start] == "build"]
    own = {package.name for package in read.packages if package not in built}
    replaced = replaced_packages(built, image, keeps_git=keeps_git)
    if image.variant == "full":
        added = [
            *library_packages(case.options, read, image, stage.from_.span),
            *standard_library(case, programs, image, start.span),
            *program_packages(case.options, named, start.span),
        ]
        check_libraries(case, programs, [*own, *replaced.names, *added], start.span)
    else:
        added = list(compiler_libraries(read, image))
    build = free_stage_name(case.dockerfile)
    facts = RuntimeStage(
        "".join(f"{flag} " for flag in from_flags(case, stage)),
        runtime_image,
        stage.name,
        build,
        runtime_parts(case, stage, read, found, environment, replaced, [name for name in added if name not in own]),
    )
    runtime = render("python/runtime_stage.dockerfile.jinja", facts)
    moving = [i for i in stage.instructions if found[i.span.start] == "runtime"]
    edits = [*_environment_edits(case, stage, read, found, environment), *cut(case, stage, build, runtime, moving)]
    what = "the full image's tools" if image.variant == "full" else "what only builds"
    return Fix(tuple(edits), why=f"the image no longer holds {what}: it is {runtime_image}", place=stage.from_.span)


GIT = frozenset({"git", "git-core"})


def _start(case: Case, stage: Stage) -> Start:
    start = check_use(case, stage)
    for words in start.commands():
        name = posixpath.basename(words[0]) if words else ""
        if name in python_commands().development_tools:
            raise Refused(
                start.span, f"`{name}` is for work on the code", "write a Dockerfile for production beside it"
            )
    if not start.is_known:
        raise Refused(start.span, "the command is more than plain commands", "start the program itself")
    check_instructions(case, stage)
    return start


def _check_programs(programs: StartedPrograms, start: Start) -> None:
    for command in programs.commands:
        if command.development_tool:
            raise Refused(
                start.span,
                f"`{command.development_tool}` is a development server",
                "write a Dockerfile for production beside it",
            )


def _runtime_image(case: Case, stage: Stage, image: Image) -> str:
    """The slim twin of a full image, written as the author wrote the tag; the image itself otherwise."""
    if image.language_version is not None and image.language_version < (3,):
        raise Refused(stage.from_.span, "Python 2 has no `venv` module", "move to Python 3, or split the file by hand")
    if any(flag.name == "platform" and "$" in (flag.value or "") for flag in stage.from_.flags):
        raise Refused(stage.from_.span, "the platform of the base is computed", "name the platform")
    if image.variant != "full":
        return stage.base
    reference = case.final.final.reference
    twin = slim_twin(reference)
    if twin is None:
        raise Refused(stage.from_.span, f"no slim image is known for `{reference}`", "start from the slim image")
    if "$" not in stage.base:
        return twin.reference
    written = _with_variables(stage.base, reference, twin.reference)
    if written is None:
        raise Refused(stage.from_.span, "the tag of the base is computed", "write the variant beside the variable")
    return written


def _with_variables(base: str, reference: str, twin: str) -> str | None:
    """The twin's reference with the author's variables in it; None where they can't be told apart."""
    name, _, tag = base.rpartition(":")
    known_name, _, known = reference.rpartition(":")
    words, known_words = tag.split("-"), known.split("-")
    twin_words = twin.rpartition(":")[2].split("-")
    if not name or "$" in name or name != known_name or len(words) != len(known_words) or "slim" not in twin_words:
        return None
    words.insert(twin_words.index("slim"), "slim")
    return f"{name}:{'-'.join(words)}"


def _check_runs(stage: Stage, read: PythonStage) -> None:
    if read.unknown:
        unknown = read.unknown[0]
        raise Refused(unknown.span, unknown.reason, unknown.help)
    for install in read.installs:
        span = install.command.script.span(install.command.command.start, install.command.command.end)
        if install.needs_source:
            raise Refused(
                span,
                f"`{install.needs_source}` is installed from the source",
                "install the packages from a requirements file, and start the program out of its folder",
            )
        if install.unknown:
            raise Refused(span, install.unknown, "name requirements files that the build context has")
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


HARMLESS_PACKAGES = frozenset(
    {"python3-dev", "python3-distutils", "python3-pip", "python3-setuptools", "python3-venv", "python3-wheel"}
)


def _check_settings(case: Case, stage: Stage, image: Image, read: PythonStage) -> None:
    last = max(run.instruction.span.start for run in read.runs if run.purpose == "install")
    for user in stage.all("USER"):
        if user.span.start < last and user.value.partition(":")[0] not in ("root", "0"):
            raise Refused(
                user.span, f"the packages are installed as `{user.value}`", "install them above USER, as root"
            )
    for instruction in stage.all("ENV"):
        for pair in instruction.assignments:
            is_old_path = pair.key == "PYTHONPATH" and "/usr/" in (pair.value or "")
            if is_old_path or pair.key in ("PYTHONHOME", "PYTHONUSERBASE"):
                raise Refused(instruction.span, f"`{pair.key}` leads past a virtual environment", "take it out")
    if image.variant == "full" and image.release not in ("bullseye", "bookworm", "buster", "stretch"):
        for run in read.runs:
            if run.purpose == "runtime" and any(
                c.inner().name in ("adduser", "addgroup") for c in case.script(run.instruction).commands
            ):
                raise Refused(
                    run.instruction.span,
                    "Debian 13's slim image has no `adduser`",
                    "use `useradd`, which every Debian image has",
                )


def _manifests_in_use(case: Case, programs: StartedPrograms, read: PythonStage) -> frozenset[str]:
    """Requirements files that the program reads itself."""
    facts = facts_of(case, programs)
    workdir = case.final.final.workdir or "/"
    wanted = {file.source for install in read.installs for file in install.files}
    paths = [
        posixpath.join("/" if path.kind == "file" else workdir, path.path) for path in (facts.reads if facts else ())
    ]
    return frozenset(source for path in paths if (source := programs.view.source(posixpath.normpath(path))) in wanted)


def _environment_edits(
    case: Case, stage: Stage, read: PythonStage, found: dict[int, Role], environment: Environment
) -> Iterator[Edit]:
    if not environment.is_new:
        return
    place = environment_line_place(stage, read, found)
    text = f"RUN python -m venv {environment.folder}\nENV PATH={environment.folder}/bin:$PATH\n"
    start = case.dockerfile.lines.line_start(place.block_start)
    above = case.dockerfile.text[:start].replace("\r\n", "\n")
    gap = "\n" if place.leading_comments and above.endswith("\n\n") else ""
    yield insert_before(case.dockerfile, place, text + gap)
