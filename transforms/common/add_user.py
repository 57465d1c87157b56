"""Run the final stage as a user who isn't root.

What it does: takes the base image's own user (`node`, distroless' `nonroot`) or makes one where there is none, gives it
what the program writes, and what those write that compose services start instead, and adds a numeric USER, so that
Kubernetes can check `runAsNonRoot`. Data that a RUN downloads into root's home folder (NLTK, Hugging Face, PyTorch)
goes below /opt, by the variable that its library reads.
Why: who breaks out of the program is not root.
Left alone: a stage that has a USER or whose base isn't root; one without a command.
Refused: a base image whose users aren't known, a program that needs root (it installs, changes users, opens the Docker
socket or a device of the host), files that lie below /root, a development server, a final stage that the author set
to root.
Safety: safe where what the programs write is known to be nothing, or their own; unsafe where a path is computed, where
what a service of compose starts is not known, with a VOLUME or a compose volume, since existing volumes stay owned by
root, and with a folder of the host that compose mounts where the program may write.
Ports below 1024: Docker has let every user open them since 20.10; Kubernetes may need a sysctl for that.
Sources: https://docs.docker.com/build/building/best-practices/#user, https://github.com/moby/moby/pull/41030
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dockerslim.dockerfile import Edit, Instruction, Span, Stage
from dockerslim.dockerfile.layout import insert_after, insert_before
from dockerslim.engine.transform import Case, Example, Fix, Safety, Skip, Transform, Unchanged
from dockerslim.images.state import ImageState
from dockerslim.split.copied_folders import image_paths, is_for_keys, kept_folders
from dockerslim.split.home_data import VARIABLES, download_edits
from dockerslim.split.needs_root import check_needs_root, instructions_of
from dockerslim.split.ownership import SYSTEM_FOLDERS, Ownership, plan_ownership
from dockerslim.split.prepared_folders import prepared_folders
from dockerslim.split.refused import Refused
from dockerslim.split.running import RunningProgram, running_program
from dockerslim.split.service_programs import service_programs, with_services
from dockerslim.split.start import start_of
from dockerslim.split.user_risk import user_risk, volume_risk

GO = {"go.mod": "module m\n", "main.go": "package main\n\nfunc main() {}\n"}
BUILD = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"

transform = Transform(
    id="add-user",
    title="Run as a user who isn't root",
    after=frozenset(
        {
            "install-packages-first",
            "split-stages",
            "use-exec-form",
            "replace-runtime-image",
            "use-distroless",
            "use-nginx",
            "run-compiled-program",
        }
    ),
    changes=frozenset({"USER", *(f"ENV {name}" for name in VARIABLES)}),
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

ROOT = ("", "root", "0", "root:root", "0:0")


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
    authored = _authors_choice(case, stage)
    if authored is not None:
        yield authored
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
    services = service_programs(case, stage, start)
    volume = volume_risk(case, stage, with_services(program, services))
    program = _with_prepared(case, stage, program)
    started = _with_prepared(case, stage, with_services(program, services))
    workdir_is_users = _nonroot_tag(case, stage) is not None and state.workdir not in SYSTEM_FOLDERS
    ownership = plan_ownership(case, stage, user.owner, started, workdir_is_users=workdir_is_users)
    risk = volume or ownership.risk or user_risk(case, stage, start, program, services)
    downloads = download_edits(case, started.downloads if started is not None else (), user.owner)
    yield Fix(
        (*_edits(case, stage, user, ownership), *ownership.edits, *downloads),
        why=f"the program runs as {user.owner}, not as root",
        safety=Safety.UNSAFE if risk else Safety.SAFE,
        risk=risk,
        place=start.span,
        caution="; ".join(_cautions(case, stage, user, program)),
    )


def _with_prepared(case: Case, stage: Stage, program: RunningProgram | None) -> RunningProgram | None:
    """With the folders of volumes among what is written, and without those that a download's own edit gives away."""
    if program is None:
        return None
    given = {folder + "/" for download in program.downloads for folder in download.written}
    written = dict.fromkeys((*program.written, *prepared_folders(case, stage)))
    return replace(program, written=tuple(path for path in written if path not in given))


def _cautions(case: Case, stage: Stage, user: User, program: RunningProgram | None) -> Iterator[str]:
    """What whoever runs the image should know."""
    exposed = (port.partition("/")[0].partition("-")[0] for port in case.states[stage.index].final.exposed)
    opened = program.listens_on if program is not None else ()
    ports = (*(int(port) for port in exposed if port.isdigit()), *opened)
    low = next((port for port in ports if 0 < port < 1024), None)
    if low is not None:
        # Whether others than root may open it is the engine's affair: containerd allows it since 2.0 only.
        yield f"Docker lets every user open port {low}, Kubernetes may need `net.ipv4.ip_unprivileged_port_start`"
    keys = [path for folder in kept_folders(case) if is_for_keys(folder) for path in image_paths(case, stage, folder)]
    if keys:
        yield f"keys that are laid into `{keys[0]}` must be readable for {user.owner}"


def _authors_choice(case: Case, stage: Stage) -> Skip | None:
    """Where the author set the user who runs the program; not where `USER root` says it anew for the steps below."""
    users = [i for i in instructions_of(case, stage) if i.keyword == "USER"]
    if not users:
        return None
    last = users[-1]
    if "$" in last.value:
        return Skip(last.span, f"which user `{last.value}` is, is known at build time only")
    config = case.final.final.image.config if case.final.final.image is not None else None
    is_default = config is not None and config.user in ROOT and all(user.value in ROOT for user in users)
    if is_default and last in stage.instructions and any(i.span.start > last.span.start for i in stage.all("RUN")):
        return None
    return Skip(last.span, "the author set the user to root", help="name another user there, or take the line out")


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
