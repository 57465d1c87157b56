"""The image that a Go program can run in, and the system packages that it needs there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Span, Stage
from dockerslim.dockerfile.shell import Opaque
from dockerslim.images.runtime import RuntimeNeed, runtime_candidates
from dockerslim.languages.system_packages import Distribution, purpose
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.go.purpose import Built, GoStage
from dockerslim.split.go.services import services_need_shell
from dockerslim.split.go.start import facts_of
from dockerslim.split.packages import PLAIN_PROGRAMS
from dockerslim.split.refused import Refused, refuse_unknown
from dockerslim.split.start import Start

IN_DISTROLESS = frozenset({"ca-certificates", "tzdata", "ca-certificates-bundle"})
"""Packages whose files distroless images hold already."""


def runtime_image(case: Case, stage: Stage, start: Start, found: GoStage, programs: list[Built]) -> tuple[str, bool]:
    image = case.states[stage.index].final.image
    assert image is not None
    links_libc = any(_links_libc(case, found, built) for built in programs)
    links_cxx = links_libc and any(built.project.cgo.needs_cxx for built in programs)
    packages, _ = runtime_packages(case, stage, found, programs)
    check = healthcheck_programs(case, stage, found)
    shell = services_need_shell(case, stage, found) or start.needs_shell or bool(check) or bool(found.users)
    shell = shell or _runs_shell(programs)
    for built in programs:
        if facts_of(built).unknown_programs:
            evidence = facts_of(built).unknown_programs[0]
            reason = f"the program runs another one that is computed ({evidence})"
            refuse_unknown(case.options, Refused(built.instruction.span, reason, "split by hand"))
    candidates = runtime_candidates(
        image, RuntimeNeed(links_libc=links_libc, links_cxx=links_cxx, shell=shell, packages=bool(packages))
    )
    with_user = [candidate for candidate in candidates if _has_user(case, candidate, found)]
    if candidates and not with_user:
        raise Refused(
            (stage.last("USER") or stage.from_).span,
            f"no smaller image is known to have the user `{case.final.final.user}`",
            "name the user by its number, or make it in a RUN of this file",
        )
    chosen = _by_option(case, with_user)
    if found.users and chosen is not None and "debian:trixie" in chosen and _uses_adduser(case, found):
        raise Refused(
            found.users[0].span,
            "Debian 13's slim image has no `adduser`",
            "use `useradd`, which every Debian image has",
        )
    if chosen is None:
        raise Refused(
            stage.from_.span,
            f"no smaller image is known that surely runs what `{stage.base}` builds",
            "name the release in the tag (such as `-bookworm`), or build with CGO_ENABLED=0",
            "the program needs the C library of this image" if links_libc else "",
        )
    return chosen.removesuffix(":nonroot"), links_libc


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


def _uses_adduser(case: Case, found: GoStage) -> bool:
    return any(c.inner().name in ("adduser", "addgroup") for i in found.users for c in case.script(i).commands)


def _by_option(case: Case, candidates: Sequence[str]) -> str | None:
    wanted = case.options.runtime
    if wanted == "auto":
        return candidates[0] if candidates else None
    if wanted == "distroless":
        return next((c for c in candidates if "/distroless/" in c), None)
    if wanted in ("slim", "alpine"):
        sign = "-slim" if wanted == "slim" else "alpine"
        return next((c for c in candidates if sign in c), None)
    return wanted


def _links_libc(case: Case, found: GoStage, built: Built) -> bool:
    """Must the program keep its C library? Not where cgo is off, or where nothing but the standard library uses it."""
    if built.needs_cgo:
        return True
    if built.cgo_setting == "0":
        return False
    if built.cgo_setting == "1":
        return True
    cgo = built.project.cgo
    if _is_standard_library_only(built):
        return _author_wants_cgo(found)
    if cgo.needed or cgo.unknown:
        return not (_has_no_compiler(case, found) and not cgo.needed)
    return _author_wants_cgo(found)


def _is_standard_library_only(built: Built) -> bool:
    """Without a go.mod nothing but the standard library can be built, and only `import "C"` needs cgo."""
    project = built.project
    if project.module is not None or project.workspace is not None or project.cgo.own or project.cgo.needed:
        return False
    facts = facts_of(built)
    return facts.complete and not any("." in path.split("/")[0] for path in facts.imports)


def _has_no_compiler(case: Case, found: GoStage) -> bool:
    """golang:alpine has no gcc, and go then builds with cgo off."""
    image = case.final.final.image
    return image is not None and image.variant == "alpine" and not _author_wants_cgo(found)


def _author_wants_cgo(found: GoStage) -> bool:
    compilers = ("gcc", "g++", "musl-dev", "build-base", "build-essential", "clang", "libc-dev", "libc6-dev")
    return any(package in compilers or package.endswith("-dev") for _, _, package in found.packages)


def static_edits(case: Case, programs: list[Built]) -> list[Edit]:
    """`CGO_ENABLED=0` before each build that would otherwise link the C library for the standard library's sake."""
    edits: dict[int, Edit] = {}
    image = case.final.final.image
    for built in programs:
        if built.cgo_setting is not None or (image is not None and image.variant == "alpine"):
            continue
        place = built.script.span(built.command.start, built.command.end).start
        if built.instruction.json is not None:
            line = case.dockerfile.lines.line_start(built.instruction.block_start)
            edits[line] = Edit(Span(line, line), "ENV CGO_ENABLED=0\n")
        else:
            edits[place] = Edit(Span(place, place), "CGO_ENABLED=0 ")
    return list(edits.values())


def healthcheck_programs(case: Case, stage: Stage, found: GoStage) -> tuple[str, ...]:
    """What the HEALTHCHECK and those of compose start, but for the programs that are built here."""
    texts = [service.healthcheck for service in case.usage.services if service.healthcheck is not None]
    names = [name for text in texts for name in _named(text)]
    check = stage.last("HEALTHCHECK")
    if check is not None and check.value.upper() != "NONE":
        script = case.script(check)
        commands = [c for part in script.parts for c in (part.commands if isinstance(part, Opaque) else (part,))]
        own = {built.path for built in found.built}
        state = case.final.final
        for command in commands:
            words = command.inner().known_arguments()
            if words and (state.path(words[0]) if "/" in words[0] else words[0]) not in own:
                names.append(posixpath.basename(words[0]))
        if script.problem is not None or (check.json is None and not names):
            names.append("sh")  # the shell form starts a shell, whatever it runs
    return tuple(dict.fromkeys(names))


def _named(command: str | tuple[str, ...]) -> tuple[str, ...]:
    """`["CMD", "curl", ...]`, `["CMD-SHELL", text]` or text, as compose has them."""
    words = command.split() if isinstance(command, str) else command
    if words and words[0] == "CMD-SHELL":
        words = tuple(" ".join(words[1:]).split())
    elif words and words[0] in ("CMD", "NONE"):
        words = words[1:] if words[0] == "CMD" else ()
    return (posixpath.basename(words[0]),) if words else ()


def _program_packages(
    case: Case, stage: Stage, found: GoStage, programs: list[Built], installed: Sequence[str], distribution: str
) -> Iterator[str]:
    """The packages of programs that others start. Raises Refused for one that no known package brings."""
    known = full_image_programs().packages
    uses = [(posixpath.basename(u.path), f"the program ({u.evidence})") for b in programs for u in facts_of(b).programs]
    uses += [(name, "the HEALTHCHECK") for name in healthcheck_programs(case, stage, found)]
    for name, who in uses:
        if name in PLAIN_PROGRAMS or name in installed or (name == "wget" and distribution == "alpine"):
            continue
        if name not in known:
            raise Refused(
                stage.from_.span,
                f"where {who} finds `{name}` is not known",
                f"install `{name}` in a RUN of this file, so that the runtime stage gets it too",
            )
        yield known[name]


def _runs_shell(programs: list[Built]) -> bool:
    return any(posixpath.basename(use.path) in ("sh", "bash") for built in programs for use in facts_of(built).programs)


def runtime_packages(case: Case, stage: Stage, found: GoStage, programs: list[Built]) -> tuple[list[str], list[str]]:
    """System packages for the run time, and those left out because distroless has what they bring."""
    image = case.states[stage.index].final.image
    release = image.release if image is not None else None
    distribution: Distribution = "alpine" if image is not None and image.distribution == "alpine" else "debian"
    needed: list[str] = []
    dropped: list[str] = []
    for instruction, _, package in found.packages:
        what = purpose(package, distribution, release)
        if what.package in IN_DISTROLESS:
            dropped.append(what.package)
            continue
        if what.kind == "build" and what.uncertain and what.package == "git":
            continue
        if what.runtime_packages is None:
            raise Refused(
                instruction.span,
                f"what `{package}` leaves for the run time is not known on this release",
                "name the release in the image's tag",
            )
        needed.extend(name for name in what.runtime_packages if name not in needed)
    for built in programs:
        if not _links_libc(case, found, built) or not built.project.cgo.modules:
            continue
        cgo = built.project.cgo
        names = cgo.alpine_packages() if distribution == "alpine" else cgo.debian_packages(release or "")
        if names is None and not cgo.needs_only_libc:
            raise Refused(
                built.instruction.span,
                f"which libraries `{cgo.modules[0].path}` needs at run time is not known on this release",
                "install them in a RUN of this file, so that the runtime stage gets them too",
            )
        needed.extend(name for name in names or () if name not in needed)
    others = _program_packages(case, stage, found, programs, needed, distribution)
    needed.extend(name for name in others if name not in needed)
    return needed, dropped


def base_needs(case: Case, image: str, programs: list[Built], dropped: list[str]) -> list[str]:
    """What the Go image has beside the toolchain, and a plain distribution lacks."""
    needed = []
    alpine = image.split("/")[-1].startswith("alpine")
    if "ca-certificates" in dropped or not alpine:
        needed.append("ca-certificates")
    zones = any(facts_of(b).uses_timezones and not facts_of(b).imports_tzdata for b in programs)
    names_zone = "TZ" in case.final.final.env or any("TZ" in service.environment for service in case.usage.services)
    if zones or "tzdata" in dropped or (alpine and names_zone):
        needed.append("tzdata")
    return needed
