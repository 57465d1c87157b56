"""What a manager's command installs, which files it reads for it, and where the packages land."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.dockerfile import Stage
from dockerslim.split.python.copied_files import copied_file, image_path, mounted_file
from dockerslim.split.python.install import Install, ReadFile, Target
from dockerslim.split.python.project_command import ProjectCommand

if TYPE_CHECKING:
    from dockerslim.languages.python.project import PythonProject

FALSE = frozenset({"", "0", "f", "false", "n", "no", "off"})
CONFIG = re.compile(r"poetry\s+config\s+(?:--\S+\s+)*virtualenvs\.(?P<key>create|in-project)\s+(?P<value>\w+)")
WORKSPACE_OPTIONS = ("--package", "--all-packages")
VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")


def read_project_install(case: Case, stage: Stage, command: ProjectCommand) -> Install:
    """Read the manifest and the lock file of a manager's install."""
    manager = command.manager
    shown = f"{manager.name} {command.verb}"
    option = next((name for name, _, _ in command.options if name in manager.folder_options), "")
    if option:
        return Install(command, unknown=f"`{option}` makes `{shown}` install another project than that of the folder")
    if command.arguments:
        return Install(command, unknown=f"what `{shown}` installs is named on its command line")
    files = {name: _file(case, stage, command, name) for name in (manager.manifest, manager.lock, *manager.beside)}
    manifest = files[manager.manifest]
    if manifest is None or case.context is None or command.folder is None:
        return Install(command, unknown=f"`{manager.manifest}` is not copied from the build context")
    project = _project(case, manifest, files[manager.lock], command)
    if project is None:
        return Install(command, unknown=f"`{manager.manifest}` can't be read")
    found = _installed(case, stage, command, project)
    for member in found.members:
        name = posixpath.join(posixpath.relpath(member, project.folder or "."), manager.manifest)
        files[name] = _file(case, stage, command, name)
        if files[name] is None:
            return Install(command, unknown=f"`{member}/{manager.manifest}` of the workspace is not copied")
    read = tuple(
        ReadFile(source, posixpath.join(command.folder, name))
        for name, source in files.items()
        if source is not None and not _is_mounted(case, command, name)
    )
    return replace(found, files=read)


def _file(case: Case, stage: Stage, command: ProjectCommand, name: str) -> str | None:
    """The context's file of a name in the project's folder, when the command runs."""
    path = image_path(name, command)
    if path is None:
        return None
    return mounted_file(case, command.instruction, path) or copied_file(case, stage, path, command.instruction)


def _is_mounted(case: Case, command: ProjectCommand, name: str) -> bool:
    path = image_path(name, command)
    return path is not None and mounted_file(case, command.instruction, path) is not None


def _project(case: Case, manifest: str, lock: str | None, command: ProjectCommand) -> PythonProject | None:
    from dockerslim.languages.python.project import detect

    if case.context is None:
        return None
    found = detect(case.context, posixpath.dirname(manifest))
    if found is None:
        return None
    return replace(found, manager=command.manager.name, lock_file=lock)  # type: ignore[arg-type]


def _installed(case: Case, stage: Stage, command: ProjectCommand, project: PythonProject) -> Install:
    from dockerslim.languages.python.installed import installed_distributions
    from dockerslim.languages.python.locked_wheels import locked_wheels
    from dockerslim.languages.python.own_package import (
        computed_metadata,
        is_package,
        is_plainly_built,
        local_packages,
        workspace_of,
    )

    context = case.context
    assert context is not None
    root = workspace_of(context, project.folder) if project.manager == "uv" else ""
    if root:
        return Install(command, unknown=f"the project belongs to the workspace of `{root}`, whose lock file counts")
    members = _members(case, project)
    if not members and command.has(*WORKSPACE_OPTIONS):
        option = next(name for name, _, _ in command.options if name in WORKSPACE_OPTIONS)
        return Install(command, unknown=f"`{option}` makes `uv sync` install another project than that of the folder")
    projects = (project, *members)
    packages = [is_package(context, each) for each in projects]
    unreadable = next((each.pyproject for each, own in zip(projects, packages, strict=True) if own is None), None)
    if unreadable is not None:
        return Install(command, unknown=f"`{unreadable}` can't be read")
    local = [
        path for path in local_packages(context, project) if not (members and _is_of_workspace(path, project, members))
    ]
    local.extend(path for each in members for path in local_packages(context, each))
    if local:
        return Install(command, needs_source=local[0])
    interpreter = next(filter(None, (other_interpreter(case, command, each) for each in projects)), "")
    if interpreter:
        return Install(command, unknown=interpreter, help=_other_version_help(case, command))
    own_names = set(_names(context, members))
    names = installed_distributions(context, project, everything=_asks_for_more(command)).names
    built = [each for each, own in zip(projects, packages, strict=True) if own]
    leaves_out = command.has(command.manager.without_workspace) if members else command.leaves_project_out
    dynamic = next(filter(None, (computed_metadata(context, each) for each in projects)), "")
    return Install(
        command,
        distributions=tuple(name for name in names if name.partition("[")[0] not in own_names),
        wheels=locked_wheels(context, project),
        target=target_of(case, stage, command),
        is_package=bool(built),
        installs_project=bool(built) and not leaves_out,
        is_plainly_built=all(is_plainly_built(context, each) for each in (built or [project])),
        computed_metadata="" if command.has("--frozen") else dynamic,
        members=tuple(each.folder for each in members),
    )


def _members(case: Case, project: PythonProject) -> tuple[PythonProject, ...]:
    """The other projects of uv's workspace; none where they can't be told, and then the workspace is a refusal."""
    from dockerslim.languages.python.own_package import workspace_members
    from dockerslim.languages.python.project import detect

    if project.manager != "uv" or case.context is None:
        return ()
    folders = workspace_members(case.context, project) or ()
    found = [detect(case.context, folder) for folder in folders if folder != project.folder]
    return tuple(replace(each, manager="uv", lock_file=None) for each in found if each is not None)


def _names(context: BuildContext, projects: tuple[PythonProject, ...]) -> Iterator[str]:
    """What the projects call themselves, normalized."""
    from dockerslim.languages.python.installed import requirement_names
    from dockerslim.languages.python.own_package import table
    from dockerslim.languages.python.project import read_toml

    for project in projects:
        data = (read_toml(context, project.pyproject) if project.pyproject else None) or {}
        yield from requirement_names([table(data, "project").get("name")])


def _is_of_workspace(path: str, project: PythonProject, members: tuple[PythonProject, ...]) -> bool:
    own = {posixpath.relpath(each.folder, project.folder or ".") for each in members}
    return path == "the workspace" or posixpath.normpath(path) in own


def _asks_for_more(command: ProjectCommand) -> bool:
    """Do options install groups or extras that are not for production?"""
    asked = [(name, value) for name, value, _ in command.options if name in command.manager.groups]
    return any((name, value) != ("--only", "main") for name, value in asked)


def target_of(case: Case, stage: Stage, command: ProjectCommand) -> Target:
    """Where a manager's packages land."""
    manager = command.manager
    state = case.state(command.instruction)
    folder = command.folder or "/"
    own = Target("folder", posixpath.join(folder, manager.environment))
    active = state.env.get("VIRTUAL_ENV") or ""
    if manager.name == "uv":
        named = _value(case, command, manager.environment_variable) or ""
        path = posixpath.normpath(
            posixpath.join(folder, active if command.has("--active") and active else named or own.folder)
        )
        return Target("interpreter") if path in ("/usr", "/usr/local") else Target("folder", path)
    if active.startswith("/") and not state.env.get("PIPENV_IGNORE_VIRTUALENVS"):
        return Target("folder", posixpath.normpath(active))
    if manager.name == "pdm":
        return own
    if manager.name == "pipenv":
        if command.has("--system"):
            return Target("interpreter")
        return own if _is_true(_value(case, command, "PIPENV_VENV_IN_PROJECT")) else Target("home")
    settings = dict(_poetry_settings(case, stage, command))
    if settings.get("create") is False:
        return Target("interpreter")
    return own if settings.get("in-project") else Target("home")


def _value(case: Case, command: ProjectCommand, name: str) -> str | None:
    """A variable as the command finds it; None where nothing sets it, or its value is computed."""
    state = case.state(command.instruction)
    return command.assigned(name) or {**state.arguments, **state.env}.get(name)


def _is_true(value: str | None) -> bool:
    return value is not None and value.lower() not in FALSE


def _poetry_settings(case: Case, stage: Stage, command: ProjectCommand) -> Iterator[tuple[str, bool]]:
    """`create` and `in-project` as poetry.toml, then `poetry config`, then the environment has them."""
    from dockerslim.languages.python.own_package import table
    from dockerslim.languages.python.project import read_toml

    file = _file(case, stage, command, "poetry.toml")
    data = (read_toml(case.context, file) if file and case.context else None) or {}
    configured = ((match["key"], _is_true(match["value"])) for match in config_commands(case, stage, command))
    local = ((key, value) for key, value in table(data, "virtualenvs").items() if isinstance(value, bool))
    yield from configured
    yield from local
    for key in ("create", "in-project"):
        value = _value(case, command, "POETRY_VIRTUALENVS_" + key.upper().replace("-", "_"))
        if value is not None:
            yield key, _is_true(value)


def config_commands(case: Case, stage: Stage, command: ProjectCommand) -> Iterator[re.Match[str]]:
    """The `poetry config virtualenvs.…` in RUNs up to the install's."""
    for instruction, script in case.runs(stage):
        if instruction.span.start <= command.instruction.span.start:
            yield from CONFIG.finditer(script.source.text)


def other_interpreter(case: Case, command: ProjectCommand, project: PythonProject) -> str:
    """Why the manager may use another Python than the image's; "" where it does not."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    state = case.state(command.instruction)
    version = state.image.language_version if state.image is not None else None
    if project.manager not in ("uv", "pipenv"):
        return ""
    if command.has("--python", "-p") or (project.manager == "uv" and "UV_PYTHON" in state.env):
        return f"`{project.manager}` is told which Python to use"
    wanted, place = _wanted_version(case, project)
    plain = ".".join(map(str, version or ()))
    if wanted and wanted != plain and not (len(version or ()) > 2 and plain.startswith(wanted + ".")):
        if plain and not wanted.startswith(plain + "."):
            return f"{place} asks for Python {wanted}, the image has {plain}"
        return f"{place} asks for Python {wanted}, which may be another one than the image's"
    requires = _requires_python(case, project)
    if not requires or version is None or len(version) < 2:
        return ""
    try:
        newest = plain if len(version) > 2 else f"{plain}.99"
        fits = SpecifierSet(requires).contains(newest, prereleases=True)
    except InvalidSpecifier:
        fits = True
    return "" if fits else f"`requires-python` asks for {requires}, which the image's Python is not"


def _other_version_help(case: Case, command: ProjectCommand) -> str:
    image = case.state(command.instruction).image
    plain = ".".join(map(str, image.language_version or ())) if image is not None else ""
    name = "python_version" if command.manager.name == "pipenv" else "the version that the project asks for"
    return f"set {name} to {plain}" if plain else ""


def other_interpreter_for(case: Case, stage: Stage, command: ProjectCommand) -> str:
    """The same, of the project that the command installs; "" where its manifest is not known, too."""
    manifest = _file(case, stage, command, command.manager.manifest)
    project = _project(case, manifest, None, command) if manifest is not None else None
    return other_interpreter(case, command, project) if project is not None else ""


def _wanted_version(case: Case, project: PythonProject) -> tuple[str, str]:
    """The version that a file asks for, and the file."""
    from dockerslim.languages.python.own_package import table
    from dockerslim.languages.python.project import read_toml

    context = case.context
    if context is None:
        return "", ""
    if project.manager == "pipenv":
        requires = table(read_toml(context, project.pipfile or "") or {}, "requires")
        found = requires.get("python_full_version") or requires.get("python_version")
        return (found if isinstance(found, str) else ""), f"`{project.pipfile}`"
    file = posixpath.join(project.folder, ".python-version")
    text = (context.read_text(file) or "").strip() if context.is_file(file) else ""
    match = VERSION.search(text)
    return (match[0] if match else text), f"`{file}`"


def _requires_python(case: Case, project: PythonProject) -> str:
    from dockerslim.languages.python.own_package import table
    from dockerslim.languages.python.project import read_toml

    data = (read_toml(case.context, project.pyproject) if case.context and project.pyproject else None) or {}
    found = table(data, "project").get("requires-python")
    return found if isinstance(found, str) else ""
