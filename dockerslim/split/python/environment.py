"""The virtual environment that the runtime stage takes over: the author's, the manager's, or a new one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.images.files import Placement
from dockerslim.images.image import Image
from dockerslim.paths import is_within
from dockerslim.split.image_view import ImageView
from dockerslim.split.python.bundled_pip import WHY_PIP, brings_older_pip, image_pip, installs_pip
from dockerslim.split.python.install import Install
from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.project_command import ProjectCommand
from dockerslim.split.python.project_install import CONFIG
from dockerslim.split.python.purpose import PythonStage
from dockerslim.split.python.tools import installs_tools_only
from dockerslim.split.python.virtual_environment import environment_folders
from dockerslim.split.refused import Refused
from dockerslim.split.word_removal import without_words

ENVIRONMENTS = ("/opt/venv", "/venv", "/opt/environment")
"""Folders for an environment of ours; the first that the author's files leave free."""
FIRST_WITH_PIP = (3, 4)
"""The version of Python from which on its `venv` module puts pip into what it makes."""
SPLIT_BY_HAND = "split the file by hand"


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, and what makes the build stage put the packages into it."""

    folder: str
    lines: str = ""
    """Instructions for the build stage, above its first install."""
    edits: tuple[Edit, ...] = ()
    sets_path: bool = False
    """Must PATH name it where the image runs? Not where the author's does, or its manager finds it."""
    ignore_lines: tuple[str, ...] = ()
    """What .dockerignore must say, so that no environment of the host is laid over it."""


def find_environment(case: Case, stage: Stage, read: PythonStage, view: ImageView) -> Environment:
    """The author's environment or that of the manager, where each install goes into it; else a new one.

    Raises Refused where that isn't clear.
    """
    projects = [install for install in read.installs if install.target is not None]
    if projects:
        return _of_manager(case, stage, read, projects, view)
    folders = tuple(environment_folders(case, stage))
    commands = [i.command for i in read.installs if isinstance(i.command, PipCommand) and not installs_tools_only(i)]
    if not folders:
        outside = next((c for c in commands if "/" in c.program), None)
        if outside is not None:
            raise _past(outside)
        return _new(case, stage, read, commands, view)
    folder = folders[0]
    if len(set(folders)) != 1 or folder is None or not all(_installs_into(case, c, folder) for c in commands):
        raise Refused(
            stage.from_.span,
            "which virtual environment the packages are installed in can't be told",
            "make one at an absolute path, and put its bin folder on PATH with ENV",
        )
    return Environment(folder, ignore_lines=_ignore_lines(case, stage, folder))


def _new(case: Case, stage: Stage, read: PythonStage, commands: Sequence[PipCommand], view: ImageView) -> Environment:
    folder = next(f for f in ENVIRONMENTS if _is_free(case, stage, f, view))
    lines = f"RUN {_making(case, read, folder)}\nENV PATH={folder}/bin:$PATH\n"
    of_uv = [command for command in commands if command.is_uv]
    if not of_uv:
        return Environment(folder, lines, sets_path=True)
    edits: list[Edit] = []
    for command in of_uv:
        switches = [word for name, _, word in command.options if name == "--system"]
        state = case.state(command.instruction)
        if not switches and not state.env.get("UV_SYSTEM_PYTHON"):
            raise Refused(
                command.script.span(command.command.start, command.command.end),
                "`uv pip` has no virtual environment to install into",
                "make one with `uv venv`, or tell it `--system`",
            )
        found = without_words(case.dockerfile, command.script, command.command, switches)
        if found is None:
            raise Refused(command.instruction.span, "`--system` can't be taken out", "give it a line of its own")
        edits.extend(found)
    variable = f"ENV VIRTUAL_ENV={folder}\n"
    settings = [i for i in stage.all("ENV") if any(pair.key == "UV_SYSTEM_PYTHON" for pair in i.assignments)]
    for instruction in settings:
        edits.extend(_replaced(case, instruction, "UV_SYSTEM_PYTHON", f"VIRTUAL_ENV={folder}"))
    return Environment(folder, lines + ("" if settings else variable), tuple(edits), sets_path=True)


def _making(case: Case, read: PythonStage, folder: str) -> str:
    """The shell text that makes an environment with a pip that installs as the image's does."""
    made = f"python -m venv {folder}"
    image = case.final.final.image
    of_pip = [i for i in read.installs if isinstance(i.command, PipCommand) and not i.command.is_uv]
    if image is None or not brings_older_pip(image.language_version) or all(map(installs_tools_only, of_pip)):
        return made
    return made if installs_pip(of_pip[0].command) else f"{made} \\\n    {WHY_PIP}\n    && {image_pip(folder)}"


def check_venv(case: Case, stage: Stage, image: Image, read: PythonStage) -> None:
    """Raises Refused where an environment is wanted, and the image's Python can't make one that pip installs into."""
    version = image.language_version
    if version is None or version >= FIRST_WITH_PIP or any(install.target is not None for install in read.installs):
        return
    if any(True for _ in environment_folders(case, stage)):
        return
    reason = "Python 2 has no `venv` module"
    if version[0] > 2:
        reason = f"the `venv` module of Python {'.'.join(map(str, version))} installs no pip"
    raise Refused(stage.from_.span, reason, "move to a newer Python, or split the file by hand")


def _replaced(case: Case, instruction: Instruction, key: str, text: str) -> Iterator[Edit]:
    """Puts another assignment in the place of one of an ENV."""
    for pair in instruction.assignments:
        if pair.key == key:
            yield Edit(pair.span, text.replace("=", " ", 1) if pair.legacy else text)


def _of_manager(
    case: Case, stage: Stage, read: PythonStage, projects: Sequence[Install], view: ImageView
) -> Environment:
    install = projects[-1]
    command, target = install.project, install.target
    if command is None or target is None or len({i.target for i in projects}) != 1:
        raise Refused(stage.from_.span, "packages are installed in more than one virtual environment", SPLIT_BY_HAND)
    folder = target.folder or posixpath.join(command.folder or "/", command.manager.environment)
    if target.kind == "interpreter" and command.manager.name == "uv":
        folder = next(f for f in ENVIRONMENTS if _is_free(case, stage, f, view))
    for other in read.installs:
        pip = other.command
        if not isinstance(pip, PipCommand) or installs_tools_only(other):
            continue
        if target.kind != "folder" or not _installs_into(case, pip, folder):
            raise Refused(
                pip.script.span(pip.command.start, pip.command.end),
                f"this installs beside the virtual environment of `{command.manager.name}`",
                f"add the packages with `{command.manager.name} add`",
            )
    ignored = _ignore_lines(case, stage, folder)
    if target.kind == "folder":
        return Environment(folder, ignore_lines=ignored)
    variable = command.manager.in_project_variable
    lines = f"ENV {variable}\n" if variable else ""
    if target.kind == "home":
        return Environment(folder, lines, ignore_lines=ignored)
    edits, is_said = _out_of_the_interpreter(case, stage, projects, folder)
    return Environment(folder, "" if is_said else lines, edits, sets_path=True, ignore_lines=ignored)


def _out_of_the_interpreter(
    case: Case, stage: Stage, projects: Sequence[Install], folder: str
) -> tuple[tuple[Edit, ...], bool]:
    """Edits that make a manager use an environment, and whether they say which one."""
    edits: list[Edit] = []
    command = projects[0].project
    name = command.manager.name if command is not None else ""
    if name == "pipenv":
        for install in projects:
            words = (
                [word for option, _, word in install.project.options if option == "--system"] if install.project else []
            )
            edits.extend(without_words(case.dockerfile, install.command.script, install.command.command, words) or ())
        return tuple(edits), False
    variable, text = {
        "uv": ("UV_PROJECT_ENVIRONMENT", f"UV_PROJECT_ENVIRONMENT={folder}"),
        "poetry": ("POETRY_VIRTUALENVS_CREATE", "POETRY_VIRTUALENVS_IN_PROJECT=true"),
    }[name]
    for instruction in stage.all("ENV"):
        edits.extend(_replaced(case, instruction, variable, text))
    if name == "poetry":
        edits.extend(_poetry_config(case, stage))
    if not edits:
        span = command.script.span(command.command.start, command.command.end) if command else stage.from_.span
        raise Refused(
            span,
            f"`{name}` is told to install into the interpreter's own folder",
            "let it make a virtual environment",
        )
    return tuple(edits), True


def _poetry_config(case: Case, stage: Stage) -> Iterator[Edit]:
    """`virtualenvs.create false` becomes `virtualenvs.in-project true`."""
    for _, script in case.runs(stage):
        for match in CONFIG.finditer(script.source.text):
            if match["key"] == "create":
                yield Edit(script.span(match.start("key"), match.end("key")), "in-project")
                yield Edit(script.span(match.start("value"), match.end("value")), "true")


def _past(command: PipCommand | ProjectCommand) -> Refused:
    span = command.script.span(command.command.start, command.command.end)
    return Refused(span, f"`{command.program}` installs past a virtual environment", "start it as `pip`")


def _is_free(case: Case, stage: Stage, folder: str, view: ImageView) -> bool:
    """Is the folder neither one that the author's files lie in nor a work folder? The last one is taken for free."""
    workdirs = [case.states[stage.index].at(i).workdir for i in stage.instructions]
    prefix = folder.lstrip("/") + "/"
    used = any(path.startswith(prefix) for path in view.sources) or any((w or "") == folder for w in workdirs)
    return not used or folder == ENVIRONMENTS[-1]


def _installs_into(case: Case, command: PipCommand, folder: str) -> bool:
    state = case.state(command.instruction)
    if command.is_uv:
        if command.values("--system"):
            return False
        active = state.env.get("VIRTUAL_ENV") or posixpath.join(command.folder or "/", ".venv")
        return posixpath.normpath(active) == folder
    if "/" in command.program:
        return posixpath.normpath(posixpath.join(command.folder or "/", command.program)).startswith(folder + "/bin/")
    return (state.env.get("PATH") or "").startswith(f"{folder}/bin:")


def _source_over(case: Case, stage: Stage, folder: str) -> list[Placement]:
    """The COPYs of whole folders that could lay files over an environment."""
    placements = [p for p in case.files(stage).placements if p.stage is None and p.is_folder]
    return [p for p in placements if is_within(folder, p.target)]


def _ignore_lines(case: Case, stage: Stage, folder: str) -> tuple[str, ...]:
    """Raises Refused where .dockerignore may not say what it must."""
    ignore = IgnoreFile.parse((case.context.ignore_text if case.context is not None else None) or "")
    lines: dict[str, None] = {}
    for placement in _source_over(case, stage, folder):
        path = posixpath.join(placement.source, posixpath.relpath(folder, placement.target))
        if ignore.hides(path):
            continue
        context = case.context
        is_source = context is not None and context.is_folder(path) and not context.is_file(f"{path}/pyvenv.cfg")
        if is_source or not case.options.can_write_ignore or path in case.options.refused_ignore_lines:
            raise Refused(
                placement.instruction.span,
                f"this lays files of the build context over `{folder}`, where packages are installed"
                if is_source
                else "this could lay a virtual environment of the host over the installed one",
                f"name `{path}` in .dockerignore",
            )
        lines[path] = None
    return tuple(lines)
