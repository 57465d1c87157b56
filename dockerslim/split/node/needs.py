"""What a Node image needs of the system once building is over: packages that a slim image lacks."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from dockerslim.case import Case, Options
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.image import Image
from dockerslim.images.releases import find_release
from dockerslim.languages.node import NodeProject, RuntimeLoads
from dockerslim.languages.node.native_addons import NativeAddon
from dockerslim.languages.system_packages import Distribution, purpose
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.node.purpose import NodeStage
from dockerslim.split.node.start import NodeStart, service_commands, used_loads
from dockerslim.split.node.system_files import (
    CERTIFICATES,
    named_programs,
    packages_of_files,
    packages_of_scripts,
    packages_of_text,
    uses_system_certificates,
)
from dockerslim.split.refused import Refused, refuse_unknown
from dockerslim.split.start import Start

RELEASE_HELP = "name the release in the image's tag, such as `-bookworm`"
PYTHON = frozenset({"python", "python2", "python3", "pip", "pip3"})
FOR_NODE_GYP = frozenset({"python", "python2", "python3", "python-is-python3", "py3-setuptools", "py3-pip"})
"""What builds native addons; a program that runs Python names it."""
IN_NODE_IMAGES = frozenset({"libstdc++", "libgcc", "libstdc++6", "libgcc-s1"})
"""What node itself is linked to."""
NEEDS_CERTIFICATES = frozenset({"git", "curl", "wget", "openssl"})
"""Programs that look certificates up in the system's store, which is empty in a slim image; node has its own."""
FIRST_ON_BULLSEYE = (17,)
"""The first Node whose images were all made on a Debian that is still served."""
STARTS_PROGRAMS = ("child_process", "execa", "shelljs", "cross-spawn", "'zx'", '"zx"')
MOST_FILES = 400


def distribution_of(image: Image) -> Distribution:
    return "alpine" if image.distribution == "alpine" else "debian"


def build_packages(found: NodeStage, image: Image) -> tuple[str, ...]:
    """The author's packages that only building needs."""
    named = [purpose(package, distribution_of(image), image.release) for _, _, package in found.packages]
    return tuple(what.package for what in named if what.kind == "build")


def runtime_packages(
    case: Case,
    stage: Stage,
    image: Image,
    found: NodeStage,
    start: Start,
    node: NodeStart,
    loads: RuntimeLoads | None,
    moved: Collection[Instruction],
) -> tuple[str, ...]:
    """Every package to install in the runtime stage, but those of `moved` RUNs.

    `loads` are those of the image's own command; those of services are looked at too. Raises Refused for what can't be
    told.
    """
    used = used_loads(case, node, loads)
    programs = dict(_programs(case, stage, start, node, used))
    packages = list(_kept(found, image, programs, moved))
    if image.has_toolchain:
        programs.update(named_programs(used))
        packages.extend(_of_programs(start, programs))
        packages.extend(packages_of_files(case, stage, start, used))
        commands = [node.command, *(command for _, command in service_commands(case, node.project, node.folder))]
        for command in commands:
            packages.extend(packages_of_scripts(case, stage, start, command))
        if loads is None or used is None or not used.complete:
            packages.extend(_of_all_sources(case, stage, start, node.project))
        if uses_system_certificates(case, stage, commands, node.project, used):
            packages.append(CERTIFICATES)
        packages.extend(_of_addons(case.options, stage, image, node.project))
    there = {
        purpose(name, distribution_of(image), image.release).package for i, _, name in found.packages if i in moved
    }
    packages = [name for name in dict.fromkeys(packages) if name not in there]
    if packages and image.has_toolchain and not found.packages and not _has_servers(image):
        raise Refused(
            stage.from_.span,
            f"`{packages[0]}` would have to be installed, and the packages of this Debian are no longer served",
            "move to a newer version of Node",
            "the slim image lacks it",
        )
    return tuple(packages)


def runtime_package_runs(found: NodeStage, image: Image) -> tuple[Instruction, ...]:
    """RUNs below all work of the build that install nothing but packages which stay as they are: they move whole."""
    working = [install.instruction for install in found.installs]
    working += [*(i for i, _ in found.builds), *found.changes, *found.module_changes]
    last = max((i.span.start for i in working), default=0)
    runs = {i.span.start: i for i, _, _ in found.packages if i.span.start > last}
    return tuple(
        run
        for run in runs.values()
        if all(
            purpose(package, distribution_of(image), image.release).runtime_packages == (package,)
            for i, _, package in found.packages
            if i is run
        )
    )


def _has_servers(image: Image) -> bool:
    """Can packages still be installed? A tag of an old version that says no release stands on an old one."""
    release = find_release(image.release or "", image.distribution)
    if release is not None:
        return not release.archived
    return image.language_version is None or image.language_version >= FIRST_ON_BULLSEYE


def _kept(found: NodeStage, image: Image, programs: dict[str, str], moved: Collection[Instruction]) -> Iterator[str]:
    """What stays of the author's own packages."""
    for instruction, _, package in found.packages:
        if instruction in moved:
            continue
        what = purpose(package, distribution_of(image), image.release)
        if what.package in FOR_NODE_GYP and PYTHON.isdisjoint(programs):
            continue
        if what.runtime_packages is None:
            raise Refused(
                instruction.span, f"what `{package}` leaves for the run time is not known on this release", RELEASE_HELP
            )
        is_run = what.uncertain and (what.package in programs or what.package in FOR_NODE_GYP)
        yield from (
            name for name in ((what.package,) if is_run else what.runtime_packages) if name not in IN_NODE_IMAGES
        )


def _programs(
    case: Case, stage: Stage, start: Start, node: NodeStart, loads: RuntimeLoads | None
) -> Iterator[tuple[str, str]]:
    """Programs of the system that the container may run, and where that is said."""
    if loads is not None:
        if loads.unknown_programs:
            reason = f"the program runs another one that is computed ({loads.unknown_programs[0]})"
            refuse_unknown(case.options, Refused(start.span, reason, "split by hand"))
        for use in loads.programs:
            yield posixpath.basename(use.path), str(use.evidence)
        if not loads.complete and not case.options.will_be_tried:
            _check_all_sources(start, node.project)
    for addon in _addons(node.project):
        for program in addon.programs:
            yield program, f"`{addon.name}`"
    for argv in node.command.programs:
        yield argv[0], "the command"
    for file, command in service_commands(case, node.project, node.folder):
        for argv in command.programs:
            yield argv[0], f"`{file}`"
    check = stage.last("HEALTHCHECK")
    if check is not None and check.value.upper() != "NONE":
        for program in _named(" ".join(check.json or ()) or check.value.removeprefix("CMD ")):
            yield program, "the HEALTHCHECK"
    for service in case.usage.services:
        said = service.healthcheck
        text = said if isinstance(said, str) else " ".join(said or ())
        for program in _named(text):
            yield program, f"the health check of `{service.file}`"


def _named(text: str) -> tuple[str, ...]:
    """The programs of the full image that a check runs; it asks the container itself, in plain HTTP as a rule."""
    return full_image_programs().named_in(text)


def _check_all_sources(start: Start, project: NodeProject) -> None:
    """Where not all that is loaded is known, no file of the project may start other programs."""
    own = _own_sources(project)
    for path in own[:MOST_FILES]:
        text = project.context.read_text(path)
        if text is not None and any(sign in text for sign in STARTS_PROGRAMS):
            raise Refused(start.span, f"which programs `{path}` starts is not known", "split by hand")
    if len(own) > MOST_FILES:
        raise Refused(start.span, "which files the program loads is not known", "split by hand")


def _of_all_sources(case: Case, stage: Stage, start: Start, project: NodeProject) -> Iterator[str]:
    """The packages of files that any source of the project names, where not all that is loaded is known."""
    for path in _own_sources(project)[:MOST_FILES]:
        yield from packages_of_text(case, stage, start, path, project.context.read_text(path) or "")


def _own_sources(project: NodeProject) -> list[str]:
    files = (
        path for path in project.context.under(project.folder) if path.endswith((".js", ".ts", ".mjs", ".cjs", ".tsx"))
    )
    return [path for path in files if "node_modules" not in path.split("/")]


def _of_programs(start: Start, programs: dict[str, str]) -> Iterator[str]:
    table = full_image_programs()
    for program, place in programs.items():
        if program in table.builders:
            raise Refused(
                start.span, f"{place} runs `{program}`, which only the full image has", "build in a RUN of this file"
            )
        if program in table.packages:
            yield table.packages[program]
        elif program in PYTHON:
            if program not in ("python3", "python"):
                raise Refused(start.span, f"{place} runs `{program}`, which a slim image lacks", "split by hand")
            yield "python3"
        elif program == "openssl":
            yield "openssl"
        if program in NEEDS_CERTIFICATES and "health" not in place.lower():
            yield "ca-certificates"


def _addons(project: NodeProject) -> Iterator[NativeAddon]:
    return (addon for addon in project.native_addons if not addon.development)


def _of_addons(options: Options, stage: Stage, image: Image, project: NodeProject) -> Iterator[str]:
    for addon in _addons(project):
        span = stage.from_.span
        if addon.browser:
            raise Refused(
                span, f"`{addon.name}` drives a browser, which needs libraries of the full image", "split by hand"
            )
        if addon.unknown:
            refused = Refused(
                span,
                f"what `{addon.name}` needs of the system is not known ({addon.evidence})",
                "split by hand, and try whether the slim image has it",
                "it has a native part or runs a script when it is installed",
            )
            refuse_unknown(options, refused)
        if addon.slim_packages:
            yield from _on_release(stage, image, addon)
            if addon.engine:
                yield "ca-certificates"


def _on_release(stage: Stage, image: Image, addon: NativeAddon) -> tuple[str, ...]:
    if image.release is not None and image.release in addon.slim_packages:
        return addon.slim_packages[image.release]
    known = set(addon.slim_packages.values())
    if len(known) == 1 and (image.release is None or addon.engine):
        return known.pop()
    raise Refused(
        stage.from_.span, f"which libraries `{addon.name}` needs at run time is not known on this release", RELEASE_HELP
    )
