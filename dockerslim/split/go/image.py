"""The image that a Go program can run in."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.runtime import RuntimeNeed, runtime_candidates
from dockerslim.split.go.health_check import healthcheck_programs
from dockerslim.split.go.libc import has_no_compiler, links_libc
from dockerslim.split.go.purpose import Built, GoStage, Tool
from dockerslim.split.go.runtime_packages import runtime_packages
from dockerslim.split.go.services import services_need_shell
from dockerslim.split.go.start import facts_of, program_path
from dockerslim.split.go.started import Started
from dockerslim.split.refused import Refused, refuse_unknown


def runtime_image(case: Case, stage: Stage, start: Started, found: GoStage, programs: list[Built]) -> tuple[str, bool]:
    """The image, and whether the programs keep their C library."""
    image = case.states[stage.index].final.image
    assert image is not None
    keeps_libc = any(links_libc(image, found, built) for built in programs)
    links_cxx = keeps_libc and any(built.project.cgo.needs_cxx for built in programs)
    packages, _ = runtime_packages(case, stage, start, found, programs)
    check = healthcheck_programs(case, stage, found)
    shell = services_need_shell(case, stage, found) or start.needs_shell or bool(check) or bool(found.users)
    tools = needed_tools(case, start, found)
    keeps_libc = keeps_libc or (any(not tool.is_static for tool in tools) and not has_no_compiler(image, found))
    shell = shell or _runs_shell(programs)
    for built in programs:
        if facts_of(built).unknown_programs:
            evidence = facts_of(built).unknown_programs[0]
            reason = f"the program runs another one that is computed ({evidence})"
            refuse_unknown(case.options, Refused(built.instruction.span, reason, "split by hand"))
    candidates = runtime_candidates(
        image, RuntimeNeed(links_libc=keeps_libc, links_cxx=links_cxx, shell=shell, packages=bool(packages))
    )
    with_user = [candidate for candidate in candidates if _has_user(case, candidate, found)]
    if candidates and not with_user:
        raise Refused(
            (stage.last("USER") or stage.from_).span,
            f"no smaller image is known to have the user `{case.final.final.user}`",
            "name the user by its number, or make it in a RUN of this file",
        )
    chosen = _by_option(case, with_user)
    if chosen is None:
        raise Refused(
            stage.from_.span,
            f"no smaller image is known that surely runs what `{stage.base}` builds",
            "name the release in the tag (such as `-bookworm`), or build with CGO_ENABLED=0: that is safe where "
            "`go list -deps -f '{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}' ./...` prints nothing",
            "the program needs the C library of this image" if keeps_libc else "",
        )
    return chosen.removesuffix(":nonroot"), keeps_libc


def _has_user(case: Case, candidate: str, found: GoStage) -> bool:
    """Would a process find the user that the author named, and the group?"""
    name, _, group = (case.final.final.user or "").partition(":")
    names = [n for n in (name, group) if n and not n.isdigit() and n != "root"]
    made = {word for run in found.users for c in case.script(run).commands for word in c.inner().known_arguments()}
    image = case.catalogue.lookup(candidate)
    users = image.users if image is not None else {}
    if name in names and name not in made and name not in users:
        return False
    # Groups are not in the catalogue: those of a distribution are in its smallest image too, distroless has few.
    return group not in names or group in made or (image is not None and image.variant != "distroless")


def _by_option(case: Case, candidates: Sequence[str]) -> str | None:
    wanted = case.options.program_runtime
    if wanted == "auto":
        return candidates[0] if candidates else None
    if wanted == "distroless":
        return next((c for c in candidates if "/distroless/" in c), None)
    if wanted in ("slim", "alpine"):
        sign = "-slim" if wanted == "slim" else "alpine"
        return next((c for c in candidates if sign in c), None)
    return wanted


def needed_tools(case: Case, start: Started, found: GoStage) -> list[Tool]:
    """The programs of other modules that the image or a service starts."""
    started = {program_path(case, words[0], found) for words in start.commands if words}
    texts = [f"{service.command} {service.entrypoint}" for service in case.usage.services]
    named = {tool.path for tool in found.tools if any(posixpath.basename(tool.path) in text for text in texts)}
    return [tool for tool in found.tools if tool.path in started | named]


def _runs_shell(programs: list[Built]) -> bool:
    return any(posixpath.basename(use.path) in ("sh", "bash") for built in programs for use in facts_of(built).programs)
