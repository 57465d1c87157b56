"""What each RUN of a Python stage is for: system packages, Python packages, or the image that runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.split.packages import APT, is_package_housekeeping, package_install
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.copied_files import image_path
from dockerslim.split.python.home_downloads import downloads
from dockerslim.split.python.install import Install
from dockerslim.split.python.installs import run_installs
from dockerslim.split.python.managers import is_setting, managers
from dockerslim.split.python.pip_command import PYTHON, PipCommand, installs, run_pip_commands
from dockerslim.split.python.virtual_environment import makes_environment
from dockerslim.split.working_folder import placed_commands

Purpose = Literal["system", "install", "runtime"]
"""`system`: installs packages of the distribution only; `install`: installs Python packages, maybe system packages for
them in the same RUN; `runtime`: does something for the image that runs."""
Kind = Literal["neutral", "system", "install", "runtime", "unknown"]

BY_HAND = "split the file by hand"
UPGRADES = frozenset({"dist-upgrade", "full-upgrade", "upgrade"})
_PURGE = frozenset({"purge", "remove", "autopurge"})


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package that a RUN installs and leaves in the image."""

    name: str
    manager: Literal["apt", "apk"]
    instruction: Instruction
    span: Span
    is_lean: bool
    """Without the packages that it only recommends."""


@dataclass(frozen=True, slots=True)
class PurposedRun:
    """A RUN and what it is for."""

    instruction: Instruction
    purpose: Purpose
    packages: tuple[SystemPackage, ...] = ()
    installs: tuple[Install, ...] = ()
    is_apart: bool = False
    """For a `runtime` one: does it change nothing that an install below it looks at?"""
    upgrades: bool = False
    """For a `system` one: does it bring what is installed up to date?"""
    kinds: tuple[Kind, ...] = ()
    """What each of its commands is for, where it installs something and does something for the image that runs."""


@dataclass(frozen=True, slots=True)
class UnknownRun:
    """A RUN, or a command in it, whose effects can't be placed."""

    span: Span
    reason: str
    help: str = BY_HAND


@dataclass(frozen=True, slots=True)
class PythonStage:
    """The RUNs of a stage in order."""

    runs: tuple[PurposedRun, ...]
    unknown: tuple[UnknownRun, ...]

    @property
    def packages(self) -> tuple[SystemPackage, ...]:
        return tuple(package for run in self.runs for package in run.packages)

    @property
    def installs(self) -> tuple[Install, ...]:
        return tuple(install for run in self.runs for install in run.installs)

    @property
    def distributions(self) -> tuple[str, ...]:
        """Names as `name` or `name[extra]`, each once."""
        return tuple(dict.fromkeys(name for install in self.installs for name in install.distributions))

    @property
    def wheels(self) -> frozenset[str]:
        """Those of them for which a lock file names a wheel."""
        return frozenset(name for install in self.installs for name in install.wheels)


def read_stage(case: Case, stage: Stage) -> PythonStage:
    """Look at every RUN of the stage, in order."""
    runs: list[PurposedRun] = []
    unknown: list[UnknownRun] = []
    scripts: set[str] = set()
    manifests: set[str] = set()
    for instruction, script in case.runs(stage):
        installs = tuple(run_installs(case, stage, instruction))
        manifests |= {file.path for install in installs for file in install.files}
        found = _read_run(case, instruction, script, installs, scripts, manifests | set(_packed_folders(installs)))
        if isinstance(found, UnknownRun):
            unknown.append(found)
        else:
            runs.append(found)
            scripts |= {_normalized(name) for pip in found.installs for name in pip.distributions}
    return PythonStage(tuple(runs), tuple(unknown))


def _packed_folders(installs: Collection[Install]) -> Iterator[str]:
    """Where the projects lie that are installed out of their folder, and of which nothing is needed there then."""
    for install in installs:
        if isinstance(install.command, PipCommand) and install.installs_project and not install.links_source:
            for word in install.command.local_paths:
                path = image_path(word.partition("[")[0], install.command)
                if path is not None:
                    yield path


def _read_run(
    case: Case,
    instruction: Instruction,
    script: Script,
    installs: tuple[Install, ...],
    scripts: Collection[str],
    manifests: Collection[str],
) -> PurposedRun | UnknownRun:
    if script.problem is not None:
        return UnknownRun(instruction.span, f"what the RUN does is not known: {script.problem}")
    folders = {id(command): folder for command, folder in placed_commands(script, case.state(instruction).workdir)}
    pips = {id(pip.command): pip for pip in run_pip_commands(case, instruction, script)}
    kinds: list[Kind] = []
    for part in script.parts:
        span = script.span(part.start, part.end)
        if not isinstance(part, ShellCommand):
            return UnknownRun(span, "what the RUN does is not known: it is more than plain commands")
        pip = pips.get(id(part))
        problem = _problem(part, pip)
        if problem:
            return UnknownRun(span, *problem)
        kind = _pip_kind(pip) if pip is not None else _kind(part, scripts)
        if kind == "runtime" and _removes(part, folders[id(part)], manifests):
            kind = "install"
        if kind == "unknown":
            return UnknownRun(span, f"what `{shown_command(part)}` does for the image is not known")
        kinds.append(kind)
    packages = tuple(_packages(instruction, script))
    mixed = tuple(kinds) if "runtime" in kinds and {"install", "system"} & set(kinds) else ()
    if "install" in kinds:
        return PurposedRun(instruction, "install", packages, installs, kinds=mixed)
    if "system" in kinds and not mixed:
        upgrades = any(UPGRADES & set(c.inner().known_arguments()) for c in script.commands)
        return PurposedRun(instruction, "system", packages, upgrades=upgrades)
    apart = python_commands().apart_from_installs | python_commands().neutral
    is_apart = all(downloads(c) or (c.inner().name in apart and not c.inner().redirects) for c in script.commands)
    return PurposedRun(instruction, "runtime", packages, is_apart=is_apart, kinds=mixed)


def _problem(command: ShellCommand, pip: PipCommand | None) -> tuple[str, str] | None:
    """Why a command can't be carried over to another image, by its words, and what would help."""
    table = python_commands()
    words = command.inner().known_arguments()
    if not words:
        return None
    if any(word.literal == "sudo" for word in command.words[:1]):
        return "`sudo` runs a command as another user", "take `sudo` out"
    name = posixpath.basename(words[0])
    if name in table.other_installers and not _is_understood(words, command, pip):
        return f"`{name}` installs packages in its own way, and only pip's are carried over", BY_HAND
    if pip is not None and installs(pip) and pip.elsewhere:
        reason = f"`{pip.elsewhere}` installs packages outside the interpreter's own folder"
        return reason, f"take `{pip.elsewhere}` out"
    if pip is not None and "/" in pip.program and pip.program.startswith("/usr/"):
        return f"`{pip.program}` installs past a virtual environment", "name it without a path"
    text = " ".join(words)
    if any(word in text for word in table.home_downloads):
        shown = shown_command(command)
        return f"`{shown}` downloads into the home folder what needs libraries of the system", BY_HAND
    return None


def _is_understood(words: tuple[str, ...], command: ShellCommand, pip: PipCommand | None) -> bool:
    """Is a manager's command one that is read here?"""
    name = posixpath.basename(words[0])
    if pip is not None or (name == "uv" and words[1:2] == ("venv",)) or is_setting(command):
        return True
    return name in managers() and (words[1:2] == ("run",) or bool(managers()[name].verbs & set(words)))


def _pip_kind(pip: PipCommand) -> Kind:
    return "unknown" if pip.verb in ("?", "") else "install"


def _kind(command: ShellCommand, scripts: Collection[str]) -> Kind:
    table = python_commands()
    inner = command.inner()
    words = inner.known_arguments()
    if not words:
        return "neutral"
    name = posixpath.basename(words[0])
    if makes_environment(command) or is_setting(command):
        return "install"
    if name in managers():
        return _manager_kind(words, scripts)
    install = package_install(command)
    if install is not None:
        return "system" if install.packages is not None else "unknown"
    if is_package_housekeeping(command) and name != "rm":
        return "system"
    if name in APT or name == "apk":
        return "system" if _removes_packages(command) or words[1:2] in (("del",), ("update",)) else "unknown"
    if is_package_housekeeping(command) or (name == "rm" and all(_is_cache(word) for word in words[1:])):
        return "neutral"
    if name in table.neutral:
        return "runtime" if inner.redirects else "neutral"
    if PYTHON.fullmatch(name):
        return _python_kind(words)
    is_known = name in table.runtime and "/" not in words[0]
    is_console_script = _normalized(name) in scripts or name in table.console_scripts
    return "runtime" if is_known or is_console_script else "unknown"


def _python_kind(words: tuple[str, ...]) -> Kind:
    """Scripts and modules run in the image that runs; what builds is not known to work there."""
    if words[1:3] == ("-m", "spacy") and words[3:4] == ("download",):
        return "install"
    if any(posixpath.basename(word) == "setup.py" for word in words) or words[1:3] == ("-m", "build"):
        return "unknown"
    return "runtime" if len(words) > 1 else "unknown"


def _manager_kind(words: tuple[str, ...], scripts: Collection[str]) -> Kind:
    """`poetry install`, or what `poetry run` runs."""
    if words[1:2] != ("run",):
        return "install"
    inner = words[2:]
    while inner and inner[0].startswith("-"):
        inner = inner[1:]
    if not inner:
        return "unknown"
    if PYTHON.fullmatch(posixpath.basename(inner[0])):
        return _python_kind(inner)
    is_script = inner[0].endswith(".py") or _normalized(inner[0]) in scripts
    return "runtime" if is_script or inner[0] in python_commands().console_scripts else "unknown"


def _removes(command: ShellCommand, folder: str | None, manifests: Collection[str]) -> bool:
    """Does an `rm` take away what installs have read, and nothing else but caches?"""
    words = [word for word in command.inner().known_arguments() if not word.startswith("-")]
    paths = [posixpath.normpath(posixpath.join(folder or "/", word)) for word in words[1:] if not _is_cache(word)]
    return words[:1] == ["rm"] and folder is not None and bool(paths) and all(path in manifests for path in paths)


def _is_cache(word: str) -> bool:
    return word.startswith("-") or "/.cache" in word or word.startswith(("/tmp", "/var/tmp", "/var/cache"))


def _packages(instruction: Instruction, script: Script) -> Iterator[SystemPackage]:
    """The packages that are still there when the RUN ends."""
    found: list[SystemPackage] = []
    groups: dict[str, set[str]] = {}
    for command in script.commands:
        install = package_install(command)
        words = command.inner().known_arguments()
        if install is not None:
            names = install.packages if install.packages is not None else ()
            groups.setdefault(install.virtual, set()).update(names)
            is_lean = install.manager == "apk" or any("no-install-recommends" in word for word in words)
            span = script.span(command.start, command.end)
            found.extend(SystemPackage(name, install.manager, instruction, span, is_lean) for name in names)
        elif _removes_packages(command):
            gone = {name for word in words[2:] for name in (groups.get(word, set()) if word in groups else {word})}
            found = [package for package in found if package.name not in gone]
    yield from found


def _removes_packages(command: ShellCommand) -> bool:
    words = [word for word in command.inner().known_arguments() if not word.startswith("-")]
    if not words:
        return False
    name = posixpath.basename(words[0])
    return (name in APT and words[1:2] != [] and words[1] in _PURGE) or (name == "apk" and words[1:2] == ["del"])


def shown_command(command: ShellCommand) -> str:
    """The first words of a command, for a message."""
    words = command.inner().known_arguments()
    if not words:
        return "an assignment"  # `X=1` alone, or a command that is computed
    text = words[0] if len(words) == 1 or words[0].startswith((".", "/")) else f"{words[0]} {words[1]}"
    return text if len(text) <= 60 else text[:57] + "..."


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()
