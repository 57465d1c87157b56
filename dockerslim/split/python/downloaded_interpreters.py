"""Interpreters that uv downloads, into the home folder of the user that it runs as unless it is told another one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.paths import is_within
from dockerslim.split.packages import package_installs
from dockerslim.split.python.project_command import project_command
from dockerslim.split.python.project_install import FALSE, other_interpreter_for
from dockerslim.split.working_folder import placed_commands

NEVER = FALSE | {"manual", "never"}
"""Values of UV_PYTHON_DOWNLOADS that keep uv from downloading an interpreter."""


def interpreter_of_root(case: Case, stage: Stage) -> str:
    """Why only root can use the interpreter of an environment; "" where anybody can."""
    below: Stage | None = stage
    while below is not None:
        for instruction, command in _downloads(case, below):
            state = case.state(instruction)
            assigned = dict(command.inner().assignments)
            if "UV_PYTHON_INSTALL_DIR" in assigned:
                continue
            data = state.env.get("XDG_DATA_HOME") or f"{state.home or '/root'}/.local/share"
            folder = state.env.get("UV_PYTHON_INSTALL_DIR") or data
            if state.is_root is not False and is_within(folder, "/root"):
                return "`uv` keeps the Python that it downloads below /root, which only root can read"
        below = case.states[below.index].base_stage
    return ""


def _downloads(case: Case, stage: Stage) -> Iterator[tuple[Instruction, ShellCommand]]:
    """The commands of uv that fetch an interpreter, or would where the image has none that fits."""
    has_python = False
    for instruction, script in case.runs(stage):
        state = case.state(instruction)
        image = state.image
        has_python = has_python or (image is not None and "python3" in image.programs)
        has_python = has_python or any(
            name.startswith("python3") for install in package_installs(script) for name in install.packages or ()
        )
        is_allowed = str(state.env.get("UV_PYTHON_DOWNLOADS", "automatic")).lower() not in NEVER
        for command, folder in placed_commands(script, state.workdir):
            words = command.inner().known_arguments()
            if not words or posixpath.basename(words[0]) != "uv":
                continue
            if words[1:3] == ("python", "install"):
                yield instruction, command
            elif not is_allowed or words[1:2] not in (("run",), ("sync",), ("venv",)):
                continue
            elif image is not None and "python" in image.programs:
                project = project_command(instruction, script, command, folder)
                if project is not None and other_interpreter_for(case, stage, project):
                    yield instruction, command
            elif not has_python:
                yield instruction, command
