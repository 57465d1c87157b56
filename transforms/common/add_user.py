"""Run the final stage as a user who isn't root.

What it does: takes the base image's own user (`node`, distroless' `nonroot`) or makes one where there is none, gives it
what the program writes, and adds a numeric USER, so that Kubernetes can check `runAsNonRoot`.
Why: who breaks out of the program is not root.
Left alone: a stage that has a USER or whose base isn't root; one without a command.
Refused: a base image whose users aren't known, a program that needs root (it installs, changes users, opens the Docker
socket), files that lie below /root, a development server, a final stage that the author set to root.
Safety: safe where what the program writes is known to be nothing, or its own; unsafe where a path is computed, and with
a VOLUME or a compose volume, since existing volumes stay owned by root.
Ports below 1024: Docker has let every user bind them since 20.10; Kubernetes with CRI-O does not.
Sources: https://docs.docker.com/build/building/best-practices/#user, https://github.com/moby/moby/pull/41030
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dockerslim.dockerfile import Edit, Instruction, Span, Stage
from dockerslim.dockerfile.layout import insert_after, insert_before
from dockerslim.engine.transform import Case, Example, Fix, Safety, Skip, Transform, Unchanged
from dockerslim.images.state import ImageState
from dockerslim.split.needs_root import check_needs_root, instructions_of, written_by_script
from dockerslim.split.ownership import SYSTEM_FOLDERS, Ownership, plan_ownership
from dockerslim.split.prepared_folders import prepared_folders
from dockerslim.split.refused import Refused
from dockerslim.split.running import RunningProgram, running_program
from dockerslim.split.start import Start, start_of

GO = {"go.mod": "module m\n", "main.go": "package main\n\nfunc main() {}\n"}
BUILD = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"

transform = Transform(
    id="add-user",
    title="Run as a user who isn't root",
    after=frozenset({"split-stages", "use-exec-form", "replace-runtime-image", "use-distroless", "use-nginx"}),
    changes=frozenset({"USER"}),
    examples=(
        Example(
            "distroless has a user",
            BUILD
            + 'FROM gcr.io/distroless/static-debian13\nWORKDIR /src\nCOPY --from=build /src/app ./\nCMD ["./app"]\n',
            BUILD + "FROM gcr.io/distroless/static-debian13:nonroot\nWORKDIR /src\nCOPY --from=build /src/app ./\n"
            'USER 65532:65532\nCMD ["./app"]\n',
            GO,
        ),
        Example(
            "Alpine has none",
            BUILD + 'FROM alpine:3.20\nCOPY --from=build /src/app /app\nEXPOSE 80\nCMD ["/app"]\n',
            BUILD + "FROM alpine:3.20\nRUN adduser -D -u 1000 app\nCOPY --from=build /src/app /app\nEXPOSE 80\n"
            'USER 1000:1000\nCMD ["/app"]\n',
            GO,
        ),
        Unchanged(
            "has one already",
            BUILD + 'FROM alpine:3.20\nCOPY --from=build /src/app /app\nUSER 10001\nCMD ["/app"]\n',
            context=GO,
        ),
        Unchanged(
            "below /root",
            BUILD + 'FROM alpine:3.20\nWORKDIR /root\nCOPY --from=build /src/app ./\nCMD ["./app"]\n',
            reason="`/root` can be read by root only",
            context=GO,
        ),
    ),
)

HOME_OF_ROOT = re.compile(r"(?:/root|~|\$HOME|\$\{HOME\})/(?!\.cache\b|\.npm\b)")


@dataclass(frozen=True, slots=True)
class User:
    """Who the stage will run as; `command` makes the user where the base has none."""

    uid: int
    gid: int
    command: str = ""

    @property
    def owner(self) -> str:
        return f"{self.uid}:{self.gid}"


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    state = case.final.final
    if state.is_root is False:
        return
    start = start_of(case, stage)
    if start is None:
        return
    authored = next((i for i in instructions_of(case, stage) if i.keyword == "USER"), None)
    if authored is not None:
        yield _authors_choice(stage, authored)
        return
    user = _user(state) if state.is_root is not None else None
    if user is None:
        yield Skip(stage.from_.span, f"which users `{stage.base}` has is not known", help="add a USER by hand")
        return
    try:
        check_needs_root(case, stage, start)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)
        return
    program = running_program(case, stage, start)
    if program is not None and (program.needs_root or program.development_tool):
        why = program.needs_root or f"`{program.development_tool}` is a development server"
        yield Skip(start.span, why, help="add a USER by hand where the program can do with less")
        return
    prepared = prepared_folders(case, stage)
    if program is not None:
        program = replace(program, written=tuple(dict.fromkeys((*program.written, *prepared.written))))
    workdir_is_users = _nonroot_tag(case, stage) is not None and state.workdir not in SYSTEM_FOLDERS
    ownership = plan_ownership(case, stage, user.owner, program, workdir_is_users=workdir_is_users)
    secrets = f"who may read what `{prepared.secrets}` will hold is not known" if prepared.secrets else ""
    risk = ownership.risk or secrets or _risk(case, stage, start, program)
    yield Fix(
        (*_edits(case, stage, user, ownership), *ownership.edits),
        why=f"the program runs as {user.owner}, not as root",
        safety=Safety.UNSAFE if risk else Safety.SAFE,
        risk=risk,
        place=start.span,
        caution=_low_port(state),
    )


def _low_port(state: ImageState) -> str:
    """The rule for ports below 1024 is the engine's, and not all have Docker's."""
    ports = (port.partition("/")[0].partition("-")[0] for port in state.exposed)
    low = next((port for port in ports if port.isdigit() and int(port) < 1024), None)
    return f"port {low} is open to every user with Docker since 20.10, and not with CRI-O" if low is not None else ""


def _authors_choice(stage: Stage, authored: Instruction) -> Skip:
    if "$" in authored.value:
        return Skip(authored.span, f"which user `{authored.value}` is, is known at build time only")
    return Skip(authored.span, "the author set the user to root", help="name another user there, or take the line out")


def _user(state: ImageState) -> User | None:
    image = state.image
    if image is None:
        return None
    own = sorted((u.uid, u.gid) for u in image.users.values() if u.uid >= 1000 and u.uid != 65534)
    if own:
        return User(*own[0])
    if image.family == "scratch":
        return User(65532, 65532)
    if image.distribution == "alpine" or image.family == "busybox":
        return User(1000, 1000, "adduser -D -u 1000 app")
    if image.package_manager == "apt":
        return User(1000, 1000, "useradd --uid 1000 --create-home app")
    return None


def _risk(case: Case, stage: Stage, start: Start, program: RunningProgram | None) -> str:
    if any(i.keyword == "VOLUME" for i in instructions_of(case, stage)):
        return "files of an existing VOLUME stay owned by root"
    for service in case.usage.services:
        if service.user:
            continue
        for mount in service.volumes:
            if mount.kind in ("bind", "volume"):
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
        if service.command is None or service.entrypoint is not None or service.user:
            continue
        words = tuple(service.command.split()) if isinstance(service.command, str) else service.command
        if not words or words[0].startswith("-") or start.instruction.keyword != "CMD":
            continue
        name = posixpath.basename(words[0])
        if name in own:
            continue
        program = running_program(case, stage, replace(start, words=words, script=None))
        if program is None or program.unknown or program.written:
            return f"what `{name}` of service `{service.service}` writes is not known (`{service.file}`)"
    return ""


def _opaque_step(case: Case, stage: Stage) -> str:
    """A script that a RUN starts: it may set owners and modes, or put files below /root."""
    for run in (i for i in instructions_of(case, stage) if i.keyword == "RUN"):
        script = case.script(run)
        if script.problem is not None:
            return "the script"
        for command in script.commands:
            words = command.inner().known_arguments()
            name = words[0] if words else ""
            home = next((word for word in words[1:] if name != "rm" and HOME_OF_ROOT.match(word)), None)
            if home is not None:
                return f"{name} {home}"
            if name.startswith("./") or name.endswith(".sh") or name in ("make", "source", "."):
                return name
            if name in ("sh", "bash", "ash") and len(words) > 1 and not words[1].startswith("-"):
                return words[1]
    return ""


# --- edits


def _edits(case: Case, stage: Stage, user: User, ownership: Ownership) -> Iterator[Edit]:
    dockerfile = case.dockerfile
    tag = _nonroot_tag(case, stage)
    if tag is not None:
        yield tag
    if user.command:
        first = next((i for i in stage.instructions if i.keyword in ("COPY", "ADD")), None)
        text = f"RUN {user.command}\n"
        yield _above(case, first, text) if first else insert_after(dockerfile, stage.from_, text)
    lines = (f"RUN {ownership.command}\n" if ownership.command else "") + f"USER {user.owner}\n"
    last_step = _last_step(stage)
    following = [i for i in stage.instructions if i.span.start > last_step.span.start]
    command = next((i for i in following if i.keyword in ("CMD", "ENTRYPOINT")), None)
    if command is not None:
        yield _above(case, command, lines)
    else:
        yield insert_after(dockerfile, last_step, lines)


def _above(case: Case, instruction: Instruction, lines: str) -> Edit:
    """Lines above an instruction; a blank line keeps its comment from reading as theirs."""
    blank = "\n" if instruction.leading_comments else ""
    return insert_before(case.dockerfile, instruction, lines + blank)


def _last_step(stage: Stage) -> Instruction:
    """The last instruction that works as root: everything below may be anyone's."""
    steps = [i for i in stage.instructions if i.keyword in ("RUN", "COPY", "ADD", "WORKDIR", "SHELL")]
    return steps[-1] if steps else stage.from_


def _nonroot_tag(case: Case, stage: Stage) -> Edit | None:
    """`:nonroot` for a distroless image without a tag: the work folder is then the user's too.

    That image has a work folder of its own, so nothing may lie in the other's.
    """
    image = case.final.final.image
    if image is None or image.family != "distroless" or image.reference.tag or image.reference.digest:
        return None
    first = next((i for i in stage.instructions if i.keyword in ("WORKDIR", "COPY", "ADD", "RUN")), None)
    is_set = first is not None and first.keyword == "WORKDIR" and first.value.startswith("/")
    if not is_set or "$" in stage.base or case.final.base_stage is not None:
        return None
    end = stage.from_.words[0].span.end
    return Edit(Span(end, end), ":nonroot")
