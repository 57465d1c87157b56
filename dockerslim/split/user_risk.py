"""Why a program that could run as anybody may fail as somebody else all the same: volumes, services, opaque steps."""

from __future__ import annotations

import posixpath
import re

from dockerslim.case import Case
from dockerslim.context.compose import Command
from dockerslim.context.service_use import ServiceUse
from dockerslim.dockerfile import Stage
from dockerslim.paths import overlap
from dockerslim.split.bind_mounts import is_only_read
from dockerslim.split.needs_root import instructions_of, written_by_script
from dockerslim.split.running import RunningProgram, running_program
from dockerslim.split.start import Start, start_by

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


def user_risk(case: Case, stage: Stage, start: Start, program: RunningProgram | None) -> str:
    """One sentence of why a user who isn't root may fail; "" where none does.

    `program` is what the stage starts, with all that it is known to write.
    """
    for service in case.usage.services:
        if service.user:
            continue
        for mount in service.volumes:
            is_read = mount.kind == "bind" and is_only_read(case.usage.root, service, mount, program)
            if mount.kind in ("bind", "volume") and not is_read:
                return f"`{service.file}` mounts `{mount.source or mount.target}`, whose files may be root's"
    if case.usage.unreadable:
        return f"`{case.usage.unreadable[0].file}` can't be read, and may mount files that are root's"
    other = _other_program(case, stage, start)
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


def _other_program(case: Case, stage: Stage, start: Start) -> str:
    """A service that starts something else than the image's own program, such as tests or a worker."""
    own = {posixpath.basename(words[0]) for words in start.commands() if words}
    for service in case.usage.services:
        words = _service_words(service, start) if not service.user else ()
        if not words:
            continue
        name = posixpath.basename(words[0])
        has_source = any(mount.kind == "bind" for mount in service.volumes)
        if words in start.commands() or (service.entrypoint is None and name in own and not has_source):
            continue
        program = running_program(case, stage, start_by(words, start.instruction))
        # A development server of Node keeps what it builds beside the source.
        builds = program is not None and program.development_tool and "node" in case.languages
        if program is None or program.unknown or program.needs_root or program.written or builds:
            return f"what `{name}` of service `{service.service}` writes is not known (`{service.file}`)"
    return ""


def _service_words(service: ServiceUse, start: Start) -> tuple[str, ...]:
    """What a service starts in place of the image's own program; none where it only gives that other arguments."""
    command = _split(service.command)
    if service.entrypoint is not None:
        return (*_split(service.entrypoint), *command)
    is_options = bool(command) and command[0].startswith("-")
    return command if start.instruction.keyword == "CMD" and not is_options else ()


def _split(command: Command | None) -> tuple[str, ...]:
    if not isinstance(command, str):
        return command or ()
    return ("sh", "-c", command) if any(operator in command for operator in "&|;") else tuple(command.split())


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
