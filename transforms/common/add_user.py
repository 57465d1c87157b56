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
from dataclasses import dataclass

from dockerslim.dockerfile import Edit, Instruction, Span, Stage
from dockerslim.dockerfile.layout import insert_after, insert_before
from dockerslim.engine.transform import Case, Example, Fix, Safety, Skip, Transform, Unchanged
from dockerslim.images.state import ImageState
from dockerslim.split.running import RunningProgram, running_program
from dockerslim.split.start import Start, start_of

GO = {"go.mod": "module m\n", "main.go": "package main\n\nfunc main() {}\n"}
BUILD = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"

transform = Transform(
    id="add-user",
    title="Run as a user who isn't root",
    after=frozenset({"split-stages", "use-exec-form"}),
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

ROOT_PROGRAMS = re.compile(
    r"(?<![\w./-])(sudo|su-exec|gosu|setpriv|cron|crond|sshd|supervisord|runuser|chroot|iptables|mount|useradd|adduser"
    r"|usermod|groupmod|apt-get|apt|apk|dockerd|service|systemctl|nginx|apache2|httpd|chown)(?![\w-])"
)
"""Programs that need root, or that change to another user themselves."""


@dataclass(frozen=True, slots=True)
class User:
    """Who the stage will run as; `command` makes the user where the base has none."""

    uid: int
    gid: int
    command: str = ""

    @property
    def owner(self) -> str:
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True, slots=True)
class Ownership:
    """What must be done so that the user owns what the program writes. `risk` is set where that isn't enough."""

    edits: tuple[Edit, ...] = ()
    command: str = ""
    risk: str = ""


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    state = case.final.final
    if state.is_root is False:
        return
    start = start_of(case, stage)
    if start is None:
        return
    authored = stage.last("USER")
    if authored is not None:
        yield Skip(
            authored.span, "the author set the user to root", help="name another user there, or take the line out"
        )
        return
    refusal = _refusal(case, stage, state, start)
    if refusal is not None:
        yield refusal
        return
    user = _user(state)
    if user is None:
        yield Skip(stage.from_.span, f"which users `{stage.base}` has is not known", help="add a USER by hand")
        return
    program = running_program(case, stage, start)
    if program is not None and (program.needs_root or program.development_tool):
        why = program.needs_root or f"`{program.development_tool}` is a development server"
        yield Skip(start.span, why, help="add a USER by hand where the program can do with less")
        return
    ownership = _ownership(case, stage, user, program)
    risk = ownership.risk or _risk(case, stage, program)
    yield Fix(
        (*_edits(case, stage, user, ownership), *ownership.edits),
        why=f"the program runs as {user.owner}, not as root",
        safety=Safety.UNSAFE if risk else Safety.SAFE,
        risk=risk,
        place=start.span,
    )


def _refusal(case: Case, stage: Stage, state: ImageState, start: Start) -> Skip | None:
    if state.is_root is None:
        return Skip(stage.from_.span, f"which users `{stage.base}` has is not known", help="add a USER by hand")
    has_private_root = state.image is None or state.image.family != "scratch"
    places = _places(case, stage, state, start) if has_private_root else ()
    if any(placed.startswith("/root/") or placed == "/root" for placed in places):
        return Skip(start.span, "`/root` can be read by root only", help="use another folder, such as /app")
    image = state.image
    if image is not None and image.family in ("nginx", "httpd"):
        return Skip(
            stage.from_.span,
            f"`{stage.base}` starts as root and changes to its own user for the work",
            help="use an image that is made to run without root, such as nginxinc/nginx-unprivileged",
        )
    for service in case.usage.services:
        for mount in service.volumes:
            if "docker.sock" in mount.source:
                return Skip(stage.from_.span, f"`{service.file}` mounts the Docker socket, which is root's")
        if service.develop_watch:
            return Skip(stage.from_.span, f"`{service.file}` syncs files into the container, which are root's then")
    for words in start.commands():
        found = ROOT_PROGRAMS.match(posixpath.basename(words[0])) if words else None
        if found and found.end() == len(posixpath.basename(words[0])):
            return Skip(start.span, f"`{found[1]}` needs root when the container starts")
    script = _start_script(case, stage, start)
    if script is not None:
        name, text = script
        if text is None:
            return Skip(
                start.span, f"what `{name}` does when the container starts is not known", help="add a USER by hand"
            )
        found = next((m for line in text.split("\n") if (m := ROOT_PROGRAMS.search(line.split("#")[0][:500]))), None)
        if found:
            return Skip(
                start.span, f"`{name}` runs `{found[1]}`, which needs root", help="do that in a RUN, then add a USER"
            )
    for instruction in stage.all("RUN"):
        text = case.script(instruction).source.text
        if re.search(r"\b(useradd|adduser)\b", text):
            return Skip(
                instruction.span, "a user is made here and not used", help="name it with USER above the command"
            )
        if re.search(r"\bchmod\s+(-R\s+)?(0?7[0-4]0|0?[46]00|u[+=]\w+)\b", text):
            return Skip(
                instruction.span,
                "files are made readable for their owner only",
                help="add a USER by hand, with a chown",
            )
    return None


def _places(case: Case, stage: Stage, state: ImageState, start: Start) -> Iterator[str]:
    if state.workdir:
        yield state.workdir
    for words in start.commands():
        if words and "/" in words[0]:
            yield state.path(words[0]) or ""


def _start_script(case: Case, stage: Stage, start: Start) -> tuple[str, str | None] | None:
    """The shell script that the image starts, and its text where the build context has it."""
    state = case.final.final
    for words in start.commands():
        for word in words[:2]:
            if not word.endswith(".sh"):
                continue
            path = state.path(word) if "/" in word or word in words[1:] else None
            source = case.files(stage).context_path(path) if path else None
            text = case.context.read_text(source) if source and case.context is not None else None
            return word, text
    return None


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


# --- what the program writes


def _ownership(case: Case, stage: Stage, user: User, program: RunningProgram | None) -> Ownership:
    if program is None:
        return Ownership(risk="what the program writes is not known")
    if not program.written:
        return Ownership()
    state = case.final.final
    workdir = state.workdir or "/"
    image = state.image
    folders, files = _folders(case, stage, program)
    folders = {folder for folder in folders if not folder.startswith(("/tmp", "/dev/", "/var/tmp", "/proc"))}
    if image is not None and image.has_shell:
        return _owned_by_shell(folders, files, user, workdir)
    return _owned_by_copy(case, stage, folders, files, user, workdir)


def _folders(case: Case, stage: Stage, program: RunningProgram) -> tuple[set[str], set[str]]:
    """The folders that must be the user's, and the files that are there already."""
    folders: set[str] = set()
    files: set[str] = set()
    for path in program.written:
        if path.endswith("/"):
            folders.add(path.rstrip("/") or "/")
            continue
        kind = _kind_in_context(case, stage, path)
        if kind == "folder":
            folders.add(path)
            continue
        folders.add(posixpath.dirname(path))
        if kind == "file":
            files.add(path)
    return folders, files


def _kind_in_context(case: Case, stage: Stage, path: str) -> str:
    """Is an image path "file" or "folder" of the build context, copied here or by way of another stage? Else ""."""
    files = case.files(stage)
    source = files.context_path(path)
    if source is not None and case.context is not None:
        if case.context.is_file(source):
            return "file"
        if case.context.is_folder(source):
            return "folder"
    for placement in files.placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is None:
            continue
        if placement.target == path:
            return _kind_in_context(case, origin, placement.source) or ("folder" if placement.is_folder else "file")
        prefix = placement.target.rstrip("/") + "/"
        if placement.is_folder and path.startswith(prefix):
            found = _kind_in_context(case, origin, posixpath.join(placement.source, path[len(prefix) :]))
            if found:
                return found
    return ""


def _owned_by_shell(folders: set[str], files: set[str], user: User, workdir: str) -> Ownership:
    if any(folder in ("/", "/etc", "/usr", "/bin", "/var", "/opt", "/home") for folder in folders):
        return Ownership(risk=f"the program writes into `{next(iter(sorted(folders)))}`")
    whole = sorted(folders - {workdir})
    whole = [f for f in whole if not any(f != other and f.startswith(other + "/") for other in whole)]
    parts = []
    if whole:
        shown = " ".join(_shown(folder, workdir) for folder in whole)
        parts.append(f"mkdir -p {shown} && chown -R {user.owner} {shown}")
    single = [workdir] if workdir in folders else []
    single += [f for f in sorted(files) if not any(f.startswith(folder + "/") for folder in whole)]
    if single:
        parts.append(
            f"chown {user.owner} " + " ".join(_shown(path, workdir) if path != workdir else "." for path in single)
        )
    return Ownership(command=" && ".join(parts))


def _shown(path: str, workdir: str) -> str:
    return posixpath.relpath(path, workdir) if path.startswith(workdir.rstrip("/") + "/") else path


def _owned_by_copy(case: Case, stage: Stage, folders: set[str], files: set[str], user: User, workdir: str) -> Ownership:
    """Without a shell only a COPY gives a file away; the work folder is the user's in a `nonroot` image."""
    edits: dict[int, Edit] = {}
    for path in sorted(folders | files):
        carrier = next((p for p in case.files(stage).placements if p.target.rstrip("/") == path), None)
        if carrier is not None and path != workdir:
            if not carrier.instruction.flag("chown"):
                place = carrier.instruction.words[0].span.start
                edits[place] = Edit(Span(place, place), f"--chown={user.owner} ")
            continue
        below = path == workdir or path.startswith(workdir.rstrip("/") + "/")
        if path in files or not (below and _has_nonroot(case.final.final) and _work_folder_is_made(stage)):
            return Ownership(risk=f"the program writes into `{path}`, which stays root's")
    return Ownership(tuple(edits.values()))


def _work_folder_is_made(stage: Stage) -> bool:
    return any(i.keyword == "WORKDIR" for i in stage.instructions)


def _has_nonroot(state: ImageState) -> bool:
    return state.image is not None and state.image.family == "distroless"


def _risk(case: Case, stage: Stage, program: RunningProgram | None) -> str:
    volume = stage.last("VOLUME")
    if volume is not None:
        return "files of an existing VOLUME stay owned by root"
    for service in case.usage.services:
        if service.user:
            continue
        for mount in service.volumes:
            if mount.kind in ("bind", "volume"):
                return f"`{service.file}` mounts `{mount.source or mount.target}`, whose files may be root's"
    script = _opaque_step(case, stage)
    if script:
        return f"whether `{script}` makes files that only root can read is not known"
    if program is not None and program.unknown:
        return program.unknown[0]
    if program is not None and program.reads_home:
        return f"the program looks for data below HOME, where root may have put it ({program.reads_home[0]})"
    return ""


def _opaque_step(case: Case, stage: Stage) -> str:
    """A script that a RUN of the final stage starts: it may set owners and modes."""
    for _, script in case.runs(stage):
        if script.problem is not None:
            return "the script"
        for command in script.commands:
            words = command.inner().known_arguments()
            name = words[0] if words else ""
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
        yield insert_before(dockerfile, first, text) if first else insert_after(dockerfile, stage.from_, text)
    lines = (f"RUN {ownership.command}\n" if ownership.command else "") + f"USER {user.owner}\n"
    last_step = _last_step(stage)
    following = [i for i in stage.instructions if i.span.start > last_step.span.start]
    command = next((i for i in following if i.keyword in ("CMD", "ENTRYPOINT")), None)
    if command is not None:
        yield insert_before(dockerfile, command, lines)
    else:
        yield insert_after(dockerfile, last_step, lines)


def _last_step(stage: Stage) -> Instruction:
    """The last instruction that works as root: everything below may be anyone's."""
    steps = [i for i in stage.instructions if i.keyword in ("RUN", "COPY", "ADD", "WORKDIR", "SHELL")]
    return steps[-1] if steps else stage.from_


def _nonroot_tag(case: Case, stage: Stage) -> Edit | None:
    """`:nonroot` for a distroless image without a tag: the work folder is then the user's too."""
    image = case.final.final.image
    if image is None or image.family != "distroless" or image.reference.tag or image.reference.digest:
        return None
    if not any(i.keyword == "WORKDIR" and i.value.startswith("/") for i in stage.instructions) or "$" in stage.base:
        return None
    end = stage.from_.words[0].span.end
    return Edit(Span(end, end), ":nonroot")
