"""What `uv run`, `poetry run` and their like do before the program starts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.python.install import Install
from dockerslim.split.python.installs import run_installs
from dockerslim.split.python.managers import managers
from dockerslim.split.python.program import StartedPrograms
from dockerslim.split.python.project_command import ProjectCommand
from dockerslim.split.python.project_install import CONFIG
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

SELECTING = frozenset(
    {
        "--all-extras",
        "--all-groups",
        "--dev",
        "--extra",
        "--group",
        "--no-default-groups",
        "--no-dev",
        "--no-group",
        "--only-dev",
        "--only-group",
    }
)
"""Options of uv by which other packages are installed."""
ISOLATED = frozenset({"--active", "--isolated", "--no-project", "--python", "--refresh", "--with", "-p"})
"""Options of `uv run` with which it looks at another environment, or for newer packages."""


def home_environment(case: Case, stage: Stage, programs: StartedPrograms) -> str:
    """Why only root can use the environment that a manager runs in; "" where anybody can."""
    for words in programs.lines:
        name = posixpath.basename(words[0])
        if name not in managers() or not managers()[name].in_project_variable or words[1:2] != ("run",):
            continue  # uv and PDM keep it in the project
        install = _last_install(case, name)
        if install is None and _is_placed(case, stage, name):
            continue
        if install is None or install.target is None or install.target.kind == "home":
            return f"`{words[0]}` keeps its environment below /root, which only root can read"
    return ""


def _is_placed(case: Case, stage: Stage, name: str) -> bool:
    """Is a manager told to keep its environment elsewhere, in a file without an install that is read here?"""
    placing = ("_CREATE", "_IN_PROJECT")
    env = case.states[stage.index].final.env
    texts = (script.source.text for _, script in case.runs(stage))
    return any(v in env and v.endswith(placing) for v in managers()[name].variables) or any(map(CONFIG.search, texts))


def changes_at_start(case: Case, stage: Stage, programs: StartedPrograms) -> Iterator[str]:
    """A sentence for each `uv run` that may install something first."""
    for words in programs.lines:
        is_run = posixpath.basename(words[0]) == "uv" and words[1:2] == ("run",)
        if is_run and "--no-sync" not in words and not _is_synced(case, stage, programs, words):
            yield "`uv run` changes the project's environment when it starts"


def check_rebuilds(case: Case, programs: StartedPrograms, start: Start) -> None:
    """Raises Refused where `uv run` would build the project again in the stage that it is copied to."""
    install = _last_install(case, "uv")
    if install is None or not install.is_package:
        return
    for words in programs.lines:
        if posixpath.basename(words[0]) == "uv" and words[1:2] == ("run",) and "--no-sync" not in words:
            raise Refused(
                start.span,
                "`uv run` would build the project again when the container starts, as its files were copied",
                "start it with `uv run --no-sync`",
            )


def _is_synced(case: Case, stage: Stage, programs: StartedPrograms, words: tuple[str, ...]) -> bool:
    """Has `uv sync` installed all that `uv run` wants, and is the lock file of the image the one that it made it by?"""
    install = _last_install(case, "uv")
    command = install.project if install is not None else None
    if install is None or command is None or command.folder is None or install.is_package:
        return False  # a package is built again where its files have another date, which a copy has
    options = _options(words)
    if ISOLATED & set(options) or case.states[stage.index].final.workdir != command.folder:
        return False
    if case.states[stage.index].final.env.get("UV_NO_DEV") != case.state(command.instruction).env.get("UV_NO_DEV"):
        return False
    synced = sorted((name, value) for name, value, _ in command.options if name in SELECTING)
    wanted = sorted((name, value) for name, value in options.items() if name in SELECTING)
    is_same = wanted == synced or (not synced and wanted == [("--no-dev", "")])
    lock = programs.view.source(posixpath.join(command.folder, command.manager.lock))
    return is_same and lock is not None and _is_fresh(case, command, lock)


def _options(words: tuple[str, ...]) -> dict[str, str]:
    """The options between `run` and the program."""
    found: dict[str, str] = {}
    index = 2
    while index < len(words) and words[index].startswith("-"):
        name, equals, value = words[index].partition("=")
        if not equals and name in managers()["uv"].valued:
            index += 1
            value = words[index] if index < len(words) else ""
        found[name] = value
        index += 1
    return found


def _is_fresh(case: Case, command: ProjectCommand, lock: str) -> bool:
    """Does the lock file say what the manifest asks for? `--locked` fails where it does not."""
    from dockerslim.languages.python.uv_lock import is_fresh

    manifest = posixpath.join(posixpath.dirname(lock), command.manager.manifest)
    return command.has("--locked") or (case.context is not None and is_fresh(case.context, manifest, lock))


def _last_install(case: Case, name: str) -> Install | None:
    """The last install by a manager in any stage of the file."""
    found = None
    for stage in case.dockerfile.stages:
        for instruction in stage.all("RUN"):
            for install in run_installs(case, stage, instruction):
                if install.project is not None and install.project.manager.name == name:
                    found = install
    return found
