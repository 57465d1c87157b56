"""A front end that is built beside a server in one stage: where it lies, what builds it, what it leaves."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Opaque, Script, ShellCommand
from dockerslim.languages.node import NodeProject, build_script_outputs
from dockerslim.paths import is_within
from dockerslim.split.packages import is_package_housekeeping, package_install
from dockerslim.split.refused import Refused

NODESOURCE = re.compile(r"deb\.nodesource\.com/setup_(\d+)\.x")
LEAVES_FOLDER = re.compile(r"(?:\.\./)+")
CONFIGURATION = re.compile(r"package\.json|[\w.-]+\.config\.[\w]+|tsconfig[\w.-]*\.json|angular\.json|\.env[\w.]*")
SOURCE_SUFFIXES = (".js", ".jsx", ".ts", ".tsx", ".vue", ".svelte", ".css", ".scss", ".less", ".mjs", ".cjs", ".html")
FILE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """`folder` is where it lies in the image, `source` in the context; `outputs` are absolute image folders.

    `installs` are RUNs that only install Node.js, `builds` those that only install and build the front end.
    """

    project: NodeProject
    folder: str
    source: str
    outputs: tuple[str, ...]
    image: str
    installs: tuple[Instruction, ...]
    builds: tuple[Instruction, ...]


def find_front_end(case: Case, stage: Stage) -> FrontEnd | None:
    """The front end that a stage of another language builds; None where there is none. Raises Refused."""
    installs: list[Instruction] = []
    builds: list[Instruction] = []
    mixed: list[Instruction] = []
    folders: set[str | None] = set()
    version: int | None = None
    for instruction, script in case.runs(stage):
        kind, said = _kind(script)
        version = said or version
        if kind == "install":
            installs.append(instruction)
        elif kind == "build":
            builds.append(instruction)
            folders |= _folders(case, instruction, script)
        elif kind == "mixed":
            mixed.append(instruction)
    if not builds:
        return None
    if mixed:
        raise Refused(
            mixed[0].span,
            "a command uses Node.js beside the build of the front end, or together with other things",
            "build the front end in RUNs of its own, or in a stage of its own",
        )
    if case.state(builds[0]).is_root is not True:
        raise Refused(builds[0].span, "the front end is not built as root", "split it off by hand")
    bun = next((run for run in builds if _runs_bun(case.script(run))), None)
    if bun is not None:
        raise Refused(
            bun.span,
            "the front end is built with Bun, which the images of Node.js lack",
            "build it in a stage of its own, on the image `oven/bun` of the version that it needs",
        )
    folder = next(iter(folders)) if len(folders) == 1 else None
    if folder is None:
        raise Refused(builds[0].span, "the front end is built in more than one folder", "make a stage for each")
    source = case.files(stage).context_path(folder, builds[0])
    project = case.node_project(source) if source is not None else None
    if source is None or project is None:
        raise Refused(builds[0].span, f"there is no package.json in `{folder}`", "split the front end off by hand")
    outputs = _outputs(case, project, builds, folder, source)
    _check_later(case, stage, builds[-1], folder)
    image = _node_image(case, stage, version)
    if image is None:
        raise Refused(
            (installs or builds)[0].span,
            "which version of Node.js this installs is not known",
            "build the front end in a stage of its own, on the image `node` of the version that it needs",
        )
    return FrontEnd(project, folder, source, outputs, image, tuple(installs), tuple(builds))


def reads_outside(case: Case, found: FrontEnd) -> bool:
    """May the build of the front end read files of the context beside its own folder?"""
    context = case.context
    if context is None or not found.source:
        return True
    paths = context.under(found.source)
    if len(paths) > FILE_LIMIT:
        return True
    for path in paths:
        inner = path[len(found.source) + 1 :]
        depth = inner.count("/")
        is_configuration = depth == 0 and CONFIGURATION.fullmatch(inner) is not None
        if not is_configuration and not path.endswith(SOURCE_SUFFIXES):
            continue
        text = context.read_text(path)
        if text is None or any(match[0].count("../") > depth for match in LEAVES_FOLDER.finditer(text)):
            return True
    return False


# --- what a RUN is for


def _kind(script: Script) -> tuple[str, int | None]:
    """ "install", "build", "mixed" or "other", and the version of Node.js that it names."""
    table = _table()
    managers, nodes = set(table["programs"]["managers"]), set(table["programs"]["names"])
    text = script.source.text
    version = NODESOURCE.search(text)
    kinds: set[str] = set()
    for part in script.parts:
        kinds.add(_part_kind(part, script, managers, nodes, set(table["packages"]["names"])))
    kinds.discard("any")
    said = int(version[1]) if version else None
    if script.problem is not None:
        return ("mixed" if any(re.search(rf"\b{name}\b", text) for name in managers) else "other"), said
    if kinds == {"install"} or kinds == {"build"}:
        return next(iter(kinds)), said
    if kinds & {"install", "build", "other-front-end"}:
        return "mixed", said
    # What is more than plain commands may run them all the same.
    is_named = "mixed-packages" not in kinds and re.search(rf"\b(?:{'|'.join((*managers, *nodes))})\b", text)
    return ("mixed" if is_named else "other"), said


def _runs_bun(script: Script) -> bool:
    words = (command.inner().known_arguments() for command in script.commands)
    return any(posixpath.basename(found[0]) in ("bun", "bunx") for found in words if found)


def _part_kind(
    part: ShellCommand | Opaque, script: Script, managers: set[str], nodes: set[str], packages: set[str]
) -> str:
    if isinstance(part, Opaque):
        return "install" if NODESOURCE.search(script.text(part.start, part.end)) else "other"
    words = part.inner().known_arguments()
    name = posixpath.basename(words[0]) if words else ""
    if name in managers:
        is_global = "-g" in words or "--global" in words or words[1:2] == ("global",)
        return "other-front-end" if is_global or part.inner().arguments is None else "build"
    if name in nodes:
        return "other-front-end"
    install = package_install(part)
    if install is not None:
        named = set(install.packages or ())
        if named and named <= packages:
            return "install"
        return "other" if not named & packages else "mixed-packages"
    if is_package_housekeeping(part) or name in ("cd", "set", "echo", "export"):
        return "any"
    return "install" if NODESOURCE.search(script.text(part.start, part.end)) else "other"


def _folders(case: Case, instruction: Instruction, script: Script) -> set[str | None]:
    """The folders that the package managers work in."""
    managers = set(_table()["programs"]["managers"])
    folder = case.state(instruction).workdir
    found: set[str | None] = set()
    for command in script.commands:
        words = command.inner().known_arguments()
        if words[:1] == ("cd",):
            known = folder is not None and len(words) == 2 and "$" not in words[1]
            folder = posixpath.normpath(posixpath.join(folder or "/", words[1])) if known else None
        elif words and posixpath.basename(words[0]) in managers:
            found.add(_own_folder(words, folder))
    return found


def _own_folder(words: tuple[str, ...], folder: str | None) -> str | None:
    """npm's `--prefix`, yarn's `--cwd`, pnpm's `-C`."""
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("--prefix", "--cwd", "-C", "--dir"):
            value = value if equals else (words[index + 1] if index + 1 < len(words) else "")
            return posixpath.normpath(posixpath.join(folder, value)) if folder is not None and value else None
    return folder


# --- what it leaves


def _outputs(
    case: Case, project: NodeProject, builds: Collection[Instruction], folder: str, source: str
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    scripts = 0
    for instruction in builds:
        for command in case.script(instruction).commands:
            words = [word for word in command.inner().known_arguments() if not word.startswith("-")]
            name = _script_of(words, project)
            if name is None:
                continue
            scripts += 1
            outputs = build_script_outputs(project, name)
            if not outputs.known or not outputs.folders:
                raise Refused(
                    instruction.span,
                    f"which folder `{name}` writes is not known ({outputs.reason or 'it names none'})",
                    "build the front end in a stage of its own, and copy what it makes",
                )
            for path in outputs.folders:
                relative = posixpath.relpath(path, source or ".")
                found[posixpath.normpath(posixpath.join(folder, relative))] = None
    if not scripts:
        raise Refused(next(iter(builds)).span, "what this leaves for the server is not known", "split it by hand")
    if any(is_within(folder, path) for path in found):
        raise Refused(next(iter(builds)).span, "the front end is built beside its source", "split it off by hand")
    return tuple(found)


def _script_of(words: list[str], project: NodeProject) -> str | None:
    """The script of package.json that a package manager runs; None for an install."""
    if len(words) >= 3 and words[1] in ("run", "run-script"):
        return words[2]
    if len(words) >= 2 and words[0] in ("yarn", "pnpm", "bun") and words[1] in project.manifest.scripts:
        return words[1]
    return None


def _check_later(case: Case, stage: Stage, last: Instruction, folder: str) -> None:
    """Raises Refused where something below reads what is left out then: Node.js, or its packages."""
    programs = set(_table()["programs"]["managers"]) | set(_table()["programs"]["names"])
    for instruction in stage.instructions:
        if instruction.span.start <= last.span.start or instruction.keyword not in ("RUN", "CMD", "ENTRYPOINT"):
            continue
        words = set(re.split(r"[\s;&|()\"'`,\[\]]+", instruction.value))
        if "node_modules" in instruction.value or words & programs:
            raise Refused(instruction.span, "Node.js is needed below the build of the front end", "split it by hand")
    for service in case.usage.services:
        words = set(re.split(r"[\s;&|()\"'`,\[\]]+", f"{service.command or ''} {service.entrypoint or ''}"))
        if words & programs:
            raise Refused(stage.from_.span, f"`{service.file}` runs Node.js in this image", "split it by hand")


def _node_image(case: Case, stage: Stage, version: int | None) -> str | None:
    """`node:20`, with the release where the stage's own image says one."""
    image = case.states[stage.index].final.image
    if image is None or image.distribution not in ("debian", "alpine"):
        return None
    number = version or _table()["release"].get(image.release or "")
    if number is None:
        return None
    tag = f"{number}-alpine" if image.distribution == "alpine" else str(number)
    sibling = image.reference.sibling("node", tag)
    return str(sibling) if sibling is not None else f"node:{tag}"


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("front_end.toml").read_text(encoding="utf-8"))
