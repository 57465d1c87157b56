"""A project that pip builds out of its folder: which packages come with it, and whether building it only packs it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.installed import declared_distributions, requirement_names
from dockerslim.languages.python.own_package import HOOKS, PLAIN_BACKENDS, table
from dockerslim.languages.python.project import read_toml
from dockerslim.languages.python.setup_script import SetupScript, read_setup_script

PLAIN_REQUIREMENTS = frozenset(
    {
        "flit-core", "hatch-fancy-pypi-readme", "hatch-vcs", "hatchling", "pdm-backend", "poetry-core", "setuptools",
        "setuptools-scm", "uv-build", "versioningit", "wheel",
    }
)  # fmt: skip
"""What building a package may need that does no more than pack it; `cython` and its like compile."""
OUTSIDE = (
    ("tool", "hatch", "build", "targets", "wheel", "shared-data"),
    ("tool", "setuptools", "data-files"),
)
"""Tables of files that are installed beside the packages, by paths of the interpreter's own folder."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class BuiltProject:
    """Names as `name` or `name[extra]`; `unknown` is why what is installed can't be told, "" where it can."""

    distributions: tuple[str, ...] = ()
    unknown: str = ""
    links_by_standard: bool = False
    """Does an editable install of it put nothing but a path into the environment, as the build backends do?"""


def built_project(context: BuildContext, folder: str, extras: Collection[str] = ()) -> BuiltProject:
    """What `pip install FOLDER[extras]` brings besides the project itself."""
    pyproject = posixpath.join(folder, "pyproject.toml")
    script_file = posixpath.join(folder, "setup.py")
    data = read_toml(context, pyproject) if context.is_file(pyproject) else {}
    if data is None:
        return BuiltProject(unknown=f"{pyproject} can't be read")
    has_script = context.is_file(script_file)
    if not data and not has_script:
        return BuiltProject(unknown=f"`{folder or '.'}` is no project of Python in the build context")
    script = read_setup_script(context, script_file) if has_script else SetupScript()
    settings = _settings(context, posixpath.join(folder, "setup.cfg"))
    problem = _building_problem(data) or script.problem or ("setup.cfg can't be read" if settings is None else "")
    if problem or settings is None:
        return BuiltProject(unknown=problem)
    names: dict[str, None] = {}
    for found in (_declared(context, folder, data, script, settings), _of_extras(data, script, settings, extras)):
        if isinstance(found, str):
            return BuiltProject(unknown=found)
        names.update(dict.fromkeys(found))
    return BuiltProject(tuple(names), links_by_standard="build-system" in data)


def _building_problem(data: Mapping[str, Any]) -> str:
    """What building does besides packing, as pyproject.toml says it; "" for nothing."""
    build = table(data, "build-system")
    backend = build.get("build-backend", "setuptools.build_meta")
    if not isinstance(backend, str) or backend not in PLAIN_BACKENDS or build.get("backend-path"):
        return f"what `{backend}` does when it builds is not known"
    for requirement in build.get("requires") or ():
        match = NAME.match(requirement) if isinstance(requirement, str) else None
        if match is None or re.sub(r"[-_.]+", "-", match[0]).lower() not in PLAIN_REQUIREMENTS:
            return f"`{match[0] if match else requirement}` takes part in building it"
    hook = next((keys for keys in HOOKS if table(data, *keys[:-1]).get(keys[-1])), None)
    if hook is not None:
        return f"`{'.'.join(hook)}` makes files when it is built"
    outside = next((keys for keys in OUTSIDE if table(data, *keys[:-1]).get(keys[-1])), None)
    return f"`{'.'.join(outside)}` installs files outside its packages" if outside is not None else ""


def _declared(
    context: BuildContext, folder: str, data: Mapping[str, Any], script: SetupScript, settings: ConfigParser
) -> tuple[str, ...] | str:
    """What the project always depends on; a reason where that is computed."""
    dynamic = table(data, "project").get("dynamic") or ()
    if ("project" in data and "dependencies" not in dynamic) or table(data, "tool", "poetry", "dependencies"):
        return declared_distributions(context, posixpath.join(folder, "pyproject.toml"))
    computed = table(data, "tool", "setuptools", "dynamic", "dependencies").get("file")
    if computed is not None:
        return _of_files(context, folder, [computed] if isinstance(computed, str) else computed)
    if settings.has_option("options", "install_requires"):
        return _of_lines(settings.get("options", "install_requires"))
    if script.requirements is None:
        return "what setup.py depends on is computed"
    return tuple(requirement_names(script.requirements))


def _of_files(context: BuildContext, folder: str, files: object) -> tuple[str, ...] | str:
    from dockerslim.languages.python.requirements import read_requirements

    names: dict[str, None] = {}
    for file in files if isinstance(files, list) else ():
        read = read_requirements(context, posixpath.join(folder, str(file)))
        if read.missing or read.unreadable or read.local_paths or read.editable:
            return f"`{file}` can't be read"
        names.update(dict.fromkeys(str(entry) for entry in read.entries))
    return tuple(names)


def _of_extras(
    data: Mapping[str, Any], script: SetupScript, settings: ConfigParser, extras: Collection[str]
) -> tuple[str, ...] | str:
    """What the extras that are asked for add."""
    names: list[str] = []
    for extra in extras:
        listed = table(data, "project", "optional-dependencies").get(extra)
        optional = table(data, "tool", "poetry", "extras").get(extra)
        if isinstance(listed, list):
            names.extend(requirement_names(listed))
        elif isinstance(optional, list):
            names.extend(name for name in optional if isinstance(name, str))
        elif settings.has_option("options.extras_require", extra):
            found = _of_lines(settings.get("options.extras_require", extra))
            if isinstance(found, str):
                return found
            names.extend(found)
        elif extra in script.extras:
            names.extend(requirement_names(script.extras[extra]))
        else:
            return f"what the extra `{extra}` brings is not known"
    return tuple(names)


def _settings(context: BuildContext, path: str) -> ConfigParser | None:
    """setup.cfg; empty where there is none, None where it can't be read."""
    parser = ConfigParser(interpolation=None, strict=False)
    if not context.is_file(path):
        return parser
    text = context.read_text(path)
    try:
        parser.read_string(text or "")
    except ConfigError:
        return None
    return parser if text is not None else None


def _of_lines(text: str) -> tuple[str, ...] | str:
    """A list of setup.cfg: a requirement a line, or a file of them, which is left unread."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if any(line.startswith("file:") for line in lines):
        return "what setup.cfg depends on is in another file"
    return tuple(_names(lines))


def _names(lines: list[str]) -> Iterator[str]:
    yield from requirement_names(line for line in lines if not line.startswith("#"))
