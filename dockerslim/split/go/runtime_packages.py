"""The system packages that a Go program, its start and its health checks need in the runtime stage."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.system_packages import Distribution, purpose
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.go.health_check import healthcheck_programs
from dockerslim.split.go.libc import links_libc
from dockerslim.split.go.package_programs import is_brought
from dockerslim.split.go.purpose import Built, GoStage
from dockerslim.split.go.start import facts_of, other_programs
from dockerslim.split.go.started import Started
from dockerslim.split.packages import PLAIN_PROGRAMS
from dockerslim.split.refused import Refused

BUSYBOX = frozenset(
    "wget nc ps top watch free uptime unzip bunzip2 bzip2 bzcat xz unxz xzcat patch pgrep pkill".split()
)
"""Programs of Alpine's busybox that Debian has in packages of their own."""
WITH_ADDUSER = ("buster", "bullseye", "bookworm", "ubuntu")
"""Names of images whose apt brings `adduser`; Debian 13's does not."""
IN_DISTROLESS = frozenset({"ca-certificates", "tzdata", "ca-certificates-bundle"})
"""Packages whose files distroless images hold already."""


def runtime_packages(
    case: Case, stage: Stage, start: Started, found: GoStage, programs: list[Built]
) -> tuple[list[str], list[str]]:
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
        if not links_libc(image, found, built):
            continue
        cgo = built.project.cgo
        if distribution == "alpine" and cgo.needs_cxx and "libstdc++" not in needed:
            needed.append("libstdc++")  # Debian's smallest image has it, as apt needs it
        if not cgo.modules:
            continue
        names = cgo.alpine_packages() if distribution == "alpine" else cgo.debian_packages(release or "")
        if names is None and not cgo.needs_only_libc:
            raise Refused(
                built.instruction.span,
                f"which libraries `{cgo.modules[0].path}` needs at run time is not known on this release",
                "install them in a RUN of this file, so that the runtime stage gets them too",
            )
        needed.extend(name for name in names or () if name not in needed)
    others = _program_packages(case, stage, start, found, programs, needed, distribution)
    needed.extend(name for name in others if name not in needed)
    return needed, dropped


def _program_packages(
    case: Case,
    stage: Stage,
    start: Started,
    found: GoStage,
    programs: list[Built],
    installed: Sequence[str],
    distribution: str,
) -> Iterator[str]:
    """The packages of programs that others start. Raises Refused for one that no known package brings."""
    known = full_image_programs().packages
    uses = [(posixpath.basename(u.path), f"the program ({u.evidence})") for b in programs for u in facts_of(b).programs]
    uses += [(name, "the HEALTHCHECK") for name in healthcheck_programs(case, stage, found)]
    own = {posixpath.basename(path) for path in (*(b.path for b in found.built), *(t.path for t in found.tools))}
    uses += [(name, "the command") for name in other_programs(start) if name not in own]
    for name, who in uses:
        if name in PLAIN_PROGRAMS or is_brought(name, installed, distribution):
            continue
        if distribution == "alpine" and name in BUSYBOX:
            continue
        if distribution == "alpine" and name in known and who.startswith("the program"):
            # The Go image on Alpine lacks it too, unless the author installs it.
            yield from (name for _, _, package in found.packages if package == name)
            continue
        if name not in known or distribution == "alpine":
            raise Refused(
                stage.from_.span,
                f"where {who} finds `{name}` is not known",
                f"install `{name}` in a RUN of this file, so that the runtime stage gets it too",
            )
        yield known[name]


def base_needs(case: Case, image: str, found: GoStage, programs: list[Built], dropped: list[str]) -> list[str]:
    """What the Go image has beside the toolchain, and a plain distribution lacks."""
    needed = []
    alpine = image.split("/")[-1].startswith("alpine")
    if "ca-certificates" in dropped or not alpine:
        needed.append("ca-certificates")
    if not alpine and _uses_adduser(case, found) and not any(name in image for name in WITH_ADDUSER):
        needed.append("adduser")
    zones = any(facts_of(b).uses_timezones and not facts_of(b).imports_tzdata for b in programs)
    names_zone = "TZ" in case.final.final.env or any("TZ" in service.environment for service in case.usage.services)
    if zones or "tzdata" in dropped or (alpine and names_zone):
        needed.append("tzdata")
    return needed


def _uses_adduser(case: Case, found: GoStage) -> bool:
    return any(c.inner().name in ("adduser", "addgroup") for i in found.users for c in case.script(i).commands)
