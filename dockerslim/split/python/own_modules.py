"""Where the modules of a project lie that a stage installs: among its packages, or where a link to the source leads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.python.copied_files import copied_file, image_path
from dockerslim.split.python.install import Install
from dockerslim.split.python.installs import run_installs
from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.virtual_environment import environment_folders

INTERPRETER = "/usr/local"
"""Where the interpreter of the official images lies."""
MANIFESTS = ("pyproject.toml", "setup.py")
NO_LINKS = ("--no-editable", "--non-editable")


@dataclass(frozen=True)
class OwnModules:
    """`files` are (image path, context's file); `folders` are the image's folders in which modules are looked for."""

    files: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()
    scripts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The programs that the projects declare, as `module:function`."""


def own_modules(case: Case, stage: Stage) -> OwnModules:
    """What the installs of a stage leave of the projects that they install out of the build context."""
    from dockerslim.languages.python.package_modules import declared_scripts, package_modules, package_roots

    context = case.context
    if context is None:
        return OwnModules()
    files: dict[str, str] = {}
    folders: dict[str, None] = {}
    scripts: dict[str, str] = {}
    for instruction, _ in case.runs(stage):
        for install in run_installs(case, stage, instruction):
            packages = _packages_folder(case, stage, install)
            for source, path in _projects(case, stage, install):
                scripts.update(declared_scripts(context, source))
                if _is_linked(install):
                    roots = package_roots(context, source)
                    folders.update((posixpath.normpath(posixpath.join(path, _below(r, source))), None) for r in roots)
                elif packages:
                    modules = package_modules(context, source)
                    files.update((posixpath.join(packages, name), file) for file, name in modules)
                    folders[packages] = None
    return OwnModules(tuple(files.items()), tuple(folders), MappingProxyType(scripts))


def _projects(case: Case, stage: Stage, install: Install) -> Iterator[tuple[str, str]]:
    """The context's folder of each project that is installed, and its path in the image."""
    command = install.command
    if not install.installs_project:
        return
    words = [word.partition("[")[0] for word in command.local_paths] if isinstance(command, PipCommand) else ["."]
    for word in words:
        path = image_path(word, command)
        if path is None:
            continue
        for name in MANIFESTS:
            file = copied_file(case, stage, posixpath.join(path, name), command.instruction)
            if file is not None:
                yield posixpath.dirname(file), path
                break


def _is_linked(install: Install) -> bool:
    return install.links_source and (install.project is None or not install.project.has(*NO_LINKS))


def _below(root: str, folder: str) -> str:
    return posixpath.relpath(root or ".", folder or ".")


def _packages_folder(case: Case, stage: Stage, install: Install) -> str:
    """The folder that holds the modules of what is installed; "" where it can't be told."""
    image = case.state(install.command.instruction).image
    version = image.language_version if image is not None else None
    if version is None or len(version) < 2:
        return ""
    environment = _environment(case, stage, install)
    return f"{environment}/lib/python{version[0]}.{version[1]}/site-packages" if environment else ""


def _environment(case: Case, stage: Stage, install: Install) -> str:
    """The folder of the environment that packages are installed in, or the interpreter's own; "" where not known."""
    if install.target is not None:
        return {"interpreter": INTERPRETER, "folder": install.target.folder}.get(install.target.kind, "")
    command = install.command
    if not isinstance(command, PipCommand) or command.elsewhere:
        return ""
    if command.program.startswith("/"):
        return posixpath.dirname(posixpath.dirname(command.program))
    state = case.state(command.instruction)
    made = {folder for folder in environment_folders(case, stage) if folder is not None}
    on_path = [posixpath.dirname(path) for path in (state.env.get("PATH") or "").split(":") if path.endswith("/bin")]
    if command.is_uv:
        if any(name == "--system" for name, _, _ in command.options) or state.env.get("UV_SYSTEM_PYTHON"):
            return INTERPRETER
        return state.env.get("VIRTUAL_ENV") or next(iter(made), "")
    return next((folder for folder in on_path if folder in made or folder == INTERPRETER), INTERPRETER)
