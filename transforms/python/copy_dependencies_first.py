"""Install a project's packages before its source is copied.

What it does: copies the requirements files that `pip install` reads, with all that they include, or the manifest and
the lock file of uv, Poetry, pipenv and PDM, installs, then copies the source. An install that names its packages needs
no file and simply goes first; one that installs the project itself leaves it out at first and is made again below. A
COPY that names the requirements beside other files is divided.
Why: a change of source no longer installs the packages again.
Left alone: requirements that are copied before the source already, with other manifests or a README perhaps.
Refused: an install out of the source (`pip install .`, `-e`), requirements that are not in the build context, and a
command between the source and the install whose needs are not known.
Safety: safe. The same packages are installed, earlier. Where they go into a virtual environment below the work folder,
the line of .dockerignore that keeps a host's own one out of the image comes with it.
Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.dockerfile import Edit, Instruction, Span, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.manifest_lines import manifest_lines
from dockerslim.split.order import laid_at, move_below
from dockerslim.split.python.copied_files import copied_file
from dockerslim.split.python.install import ReadFile
from dockerslim.split.python.order import Obstacle, Reordering, find_reordering, source_at
from dockerslim.split.python.virtual_environment import environment_folders
from dockerslim.split.script_commands import one_line

FLASK = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
BEFORE = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\n{}\nCMD ["python", "app.py"]\n'

transform = Transform(
    id="copy-dependencies-first",
    title="Install Python packages before the source is copied",
    languages=frozenset({"python"}),
    examples=(
        Example(
            "one COPY for all",
            BEFORE.format("RUN pip install -r requirements.txt"),
            "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
            'COPY . .\nCMD ["python", "app.py"]\n',
            FLASK,
        ),
        Example(
            "packages named in the command",
            BEFORE.format("RUN pip install flask gunicorn"),
            'FROM python:3.12-slim\nWORKDIR /app\nRUN pip install flask gunicorn\nCOPY . .\nCMD ["python", "app.py"]\n',
            FLASK,
        ),
        Unchanged(
            "copied apart already",
            "FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
            context=FLASK,
        ),
        Unchanged(
            "the project itself is installed",
            BEFORE.format("RUN pip install ."),
            reason="`.` is installed from the source",
            context=FLASK,
        ),
        Unchanged(
            "a script of the project comes before",
            BEFORE.format("RUN ./prepare.sh\nRUN pip install -r requirements.txt"),
            reason="`./prepare.sh` runs between the source's COPY and the install, and may do something for either",
            context=FLASK,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    if case.context is None:
        return
    for stage in case.dockerfile.stages:
        image = case.states[stage.index].final.image
        if image is not None and image.is_windows:
            continue
        found = find_reordering(case, stage)
        if isinstance(found, Obstacle):
            yield Skip(found.span, found.reason, found.help, found.note)
        elif found is not None:
            yield _plan_stage(case, stage, found)


def _plan_stage(case: Case, stage: Stage, found: Reordering) -> Fix | Skip:
    first = found.moving[0]
    source = [instruction for instruction in found.moving if instruction.keyword != "RUN"]
    missing = [f for f in found.files if copied_file(case, stage, f.path, found.install, source) != f.source]
    lines = manifest_lines(case, stage, first, [file.source for file in missing], source)
    if lines is None or not all(_lands_where_it_is_read(case, stage, file, source) for file in missing):
        return Skip(
            first.span,
            "where the requirements land can't be told",
            help="copy the requirements files in a COPY of their own, above the install",
        )
    ignore_lines = _ignore_lines(case, stage, source)
    if ignore_lines is None:
        return Skip(
            first.span,
            "the source's COPY could lay a virtual environment of the host over the installed one",
            help="name the environment's folder in .dockerignore",
        )
    below, without_project = _project_step(case, found)
    if found.divided is not None:
        below, without_project = found.divided.runtime, found.divided.edits
    return Fix(
        (*without_project, *move_below(case, found.moving, found.install, lines.text, lines.taken, below)),
        why="a change of source no longer installs the packages again",
        ignore_lines=ignore_lines,
        place=first.span,
    )


def _project_step(case: Case, found: Reordering) -> tuple[str, tuple[Edit, ...]]:
    """A RUN that installs the project itself, for below the source, and the edit that leaves it out above."""
    command = found.project
    if command is None:
        return "", ()
    flags = "".join(f"{flag.span.cut(case.dockerfile.text)} " for flag in command.instruction.flags)
    last = command.command.words[-1]
    end = command.script.span(last.start, last.end).end
    return f"RUN {flags}{one_line(command.script, command.command)}\n", (
        Edit(Span(end, end), f" {found.without_project}"),
    )


def _lands_where_it_is_read(case: Case, stage: Stage, file: ReadFile, source: Sequence[Instruction]) -> bool:
    laid = [laid_at(p, file.source) for p in case.files(stage).placements if p.instruction in source]
    return [path for path in laid if path is not None][-1:] == [file.path]


def _ignore_lines(case: Case, stage: Stage, source: Sequence[Instruction]) -> tuple[str, ...] | None:
    """What .dockerignore must say so that no virtual environment of the host is copied; None where it may not."""
    ignore = IgnoreFile.parse((case.context.ignore_text if case.context is not None else None) or "")
    lines: dict[str, None] = {}
    for folder in environment_folders(case, stage):
        if folder is None:
            return None
        for placement in case.files(stage).placements:
            path = source_at(placement, folder) if placement.instruction in source and placement.is_folder else None
            if not path or ignore.hides(path):
                continue
            if not case.options.can_write_ignore or path in case.options.refused_ignore_lines:
                return None
            lines[path] = None
    return tuple(lines)
