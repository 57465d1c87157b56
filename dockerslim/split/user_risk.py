"""Why a program that could run as anybody may fail as somebody else all the same: volumes, services, opaque steps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerslim.case import Case
from dockerslim.context.service_use import ServiceUse
from dockerslim.dockerfile import Stage
from dockerslim.paths import overlap
from dockerslim.split.bind_mounts import is_only_read
from dockerslim.split.needs_root import instructions_of, written_by_script
from dockerslim.split.running import RunningProgram
from dockerslim.split.service_programs import ServiceProgram
from dockerslim.split.start import Start

REDIRECTION = re.compile(r"^\d*[<>&|]+[ \t]*")
HOME_OF_ROOT = re.compile(r"(?:/root|~|\$HOME|\$\{HOME\})/(?!\.cache\b|\.npm\b)")


def volume_risk(case: Case, stage: Stage, program: RunningProgram | None) -> str:
    """One sentence of why a VOLUME speaks against a user who isn't root; "" where none does.

    `program` is what the stage starts, with what it itself is known to write. A volume does not matter where that lies
    elsewhere, and nothing but VOLUME speaks of the folder.
    """
    if not any(i.keyword == "VOLUME" for i in instructions_of(case, stage)):
        return ""
    final = case.states[stage.index].final
    text = case.dockerfile.text
    said = [i.span.cut(text) for i in instructions_of(case, stage) if i.keyword != "VOLUME"]
    targets = [mount.target for service in case.usage.services for mount in service.volumes]
    used = (final.workdir or "/", *targets, *(program.written if program is not None else ()))
    is_used = any(overlap(v, u) for v in final.volumes for u in used) or any(
        v in s for v in final.volumes for s in said
    )
    if program is None or program.unknown or is_used:
        return "files of an existing VOLUME stay owned by root"
    return ""


def user_risk(
    case: Case, stage: Stage, start: Start, program: RunningProgram | None, services: Sequence[ServiceProgram]
) -> str:
    """One sentence of why a user who isn't root may fail; "" where none does.

    `program` is what the stage starts, with all that it is known to write, `services` what services start instead.
    """
    for service in case.usage.services:
        if service.user:
            continue
        programs = _programs_of(service, program, services)
        for mount in service.volumes:
            is_read = mount.kind == "bind" and all(
                is_only_read(case.usage.root, service, mount, item) for item in programs
            )
            if mount.kind in ("bind", "volume") and not is_read:
                return f"`{service.file}` mounts `{mount.source or mount.target}`, whose files may be root's"
    if case.usage.unreadable:
        return f"`{case.usage.unreadable[0].file}` can't be read, and may mount files that are root's"
    other = next((item.risk for item in services if item.risk), "")
    if other:
        return other
    written = written_by_script(case, stage, start)
    if written:
        return f"the command writes a file (`{written}`)"
    script = _opaque_step(case, stage)
    if script:
        return f"whether `{script}` makes files that only root can read is not known"
    if program is not None and program.unknown:
        return program.unknown[0]
    if program is not None and program.reads_home:
        return f"the program looks for data below HOME, where root may have put it ({program.reads_home[0]})"
    return ""


def _programs_of(
    service: ServiceUse, program: RunningProgram | None, services: Sequence[ServiceProgram]
) -> list[RunningProgram | None]:
    """What a service runs. Several files may speak of it, and only one of its command."""
    # One that isn't known is refused by itself.
    named = [item for item in services if item.service.service == service.service and not item.risk]
    is_own = not any(item.service is service for item in named)
    return [*(item.program for item in named), *([program] if is_own else ())]


def _opaque_step(case: Case, stage: Stage) -> str:
    """A script that a RUN starts: it may set owners and modes, or put files below /root."""
    for run in (i for i in instructions_of(case, stage) if i.keyword == "RUN"):
        script = case.script(run)
        if script.problem is not None:
            return "the script"
        for command in script.commands:
            words = command.inner().known_arguments()
            name = words[0] if words else ""
            targets = (*(words[1:] if name != "rm" else ()), *(REDIRECTION.sub("", text) for text in command.redirects))
            home = next((word for word in targets if HOME_OF_ROOT.match(word)), None)
            if home is not None:
                return f"{name} {home}"
            if name.startswith("./") or name.endswith(".sh") or name in ("make", "source", "."):
                return name
            if name in ("sh", "bash", "ash") and len(words) > 1 and not words[1].startswith("-"):
                return words[1]
    return ""
