"""Download a module's dependencies before the source is copied.

What it does: copies go.mod, go.sum and whatever else `go mod download` reads, downloads, then copies the source. A COPY
that names them beside other files is divided.
Why: a change of source no longer downloads the modules again.
Left alone: a module without dependencies; a vendored one; one whose go.mod is copied before the source already.
Refused: dependencies that can't be downloaded from the manifests alone (no go.sum, a replace that leads out of the
context), and a setting of the download that stands below the source's COPY.
Safety: safe. The same modules are downloaded, earlier.
Source: https://go.dev/ref/mod#go-mod-download
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.dockerfile.layout import block_text, insert_before, remove, remove_command
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.languages.go import GoProject
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.go.stage import GoCommand, go_commands, project_at
from dockerslim.split.manifest_lines import manifest_lines
from dockerslim.split.order import brought_files
from dockerslim.split.packages import package_installs

SETTINGS = frozenset(
    "GOPROXY GOPRIVATE GONOPROXY GONOSUMDB GOSUMDB GOINSECURE GOFLAGS GOMODCACHE GOPATH GOWORK GO111MODULE "
    "GOTOOLCHAIN GOAUTH NETRC HOME GIT_SSH_COMMAND GIT_TERMINAL_PROMPT HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy "
    "https_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR".split()
)
"""Variables that change what a download does."""
ACCESS = ("git config", ".netrc", "go env -w", "ssh-keyscan", ".ssh", "insteadOf", ".gitconfig", "ca-certificates/")
"""Signs of credentials and certificates that a download may need."""
ACCESS_PROGRAMS = frozenset("git git-lfs openssh openssh-client mercurial subversion bzr".split())
"""Packages that fetch modules which no proxy has."""

MODULE = "module example.com/app\n\ngo 1.23\n\nrequire github.com/google/uuid v1.6.0\n"
CONTEXT = {
    "go.mod": MODULE,
    "go.sum": "github.com/google/uuid v1.6.0 h1:x\n",
    "main.go": "package main\nfunc main() {}\n",
}

transform = Transform(
    id="copy-dependencies-first",
    title="Download Go modules before the source is copied",
    languages=frozenset({"go"}),
    examples=(
        Example(
            "one COPY for all",
            "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n",
            "FROM golang:1.23\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n"
            "COPY . .\nRUN go build -o app .\n",
            CONTEXT,
        ),
        Example(
            "a download that comes too late",
            "FROM golang:1.23\nWORKDIR /src\nADD . /src\nRUN go mod download\nRUN go build -o app .\n",
            "FROM golang:1.23\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n"
            "ADD . /src\nRUN go build -o app .\n",
            CONTEXT,
        ),
        Unchanged(
            "copied apart already",
            "FROM golang:1.23\nWORKDIR /src\nCOPY go.* ./\nRUN go mod download\nCOPY . .\nRUN go build -o app .\n",
            context=CONTEXT,
        ),
        Unchanged(
            "nothing to download",
            "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n",
            context={"go.mod": "module example.com/app\n", "main.go": "package main\nfunc main() {}\n"},
        ),
        Unchanged(
            "a setting that comes later",
            "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nENV GOPROXY=direct\nRUN go build -o app .\n",
            reason="`GOPROXY` is set below the COPY, and the download needs it",
            context=CONTEXT,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        image = case.states[stage.index].final.image
        if image is None or image.language != "go" or case.context is None:
            continue
        commands = [command for command in go_commands(case, stage) if command.loads_modules]
        if commands:
            yield from _plan_stage(case, stage, commands)


def _plan_stage(case: Case, stage: Stage, commands: list[GoCommand]) -> Iterator[Fix | Skip]:
    first = next((command for command in commands if not _is_tool(command)), None)
    if first is None or first.folder is None:
        return
    found = project_at(case, stage, first.folder, first.instruction)
    if found is None:
        return
    project, module_folder = found
    source = _source_copy(case, stage, project, first.instruction)
    if source is None or not _has_dependencies(project) or project.vendored:
        return
    if project.manifest_files is None:
        yield Skip(source.span, project.manifest_reason, help="commit what is missing, then run dockerslim again")
        return
    refusal = _refusal(case, stage, source, first)
    if refusal is not None:
        yield refusal
        return
    manifests = [path for path in project.manifest_files if not _is_there(case, stage, source, path)]
    lines = manifest_lines(case, stage, source, manifests, (source,))
    if lines is None:
        yield Skip(
            source.span, "where the go.mod lands can't be told", help="copy go.mod and go.sum in a COPY of their own"
        )
        return
    folder = case.state(source).workdir
    download = "go mod download" if folder == module_folder else f"cd {module_folder} && go mod download"
    late = _late_downloads(commands, source)
    own = next((c for c in late if len(c.script.parts) == 1 and c.folder == module_folder == folder), None)
    text = f"RUN {download}\n" if own is None else block_text(case.dockerfile, own.instruction)
    edits = [insert_before(case.dockerfile, source, lines.text + text), *lines.edits]
    edits.extend(_taken_out(case, late))
    yield Fix(tuple(edits), why="a change of source no longer downloads the modules again", place=source.span)


def _is_there(case: Case, stage: Stage, source: Instruction, path: str) -> bool:
    """Does a COPY above the source's bring the file, as with a sibling module that is copied whole?"""
    above = (i for i in stage.all("COPY", "ADD") if i.span.start < source.span.start and not i.flag("from"))
    return any(path in (brought_files(case, stage, other) or ()) for other in above)


def _is_tool(command: GoCommand) -> bool:
    """`go install pkg@version` needs no module of the context."""
    return command.verb in ("install", "run") and any("@" in word for word in command.words)


def _has_dependencies(project: GoProject) -> bool:
    if project.workspace is not None:
        return True
    return project.module is not None and bool(project.module.requires)


def _source_copy(case: Case, stage: Stage, project: GoProject, before: Instruction) -> Instruction | None:
    """The first COPY that brings the go.mod, where it brings source with it; None where go.mod comes alone."""
    manifest = posixpath.join(project.folder, "go.mod") if project.module else "go.work"
    known = set(project.manifest_files or ()) | {manifest, posixpath.join(project.folder, "go.sum")}
    for instruction in stage.all("COPY", "ADD"):
        if instruction.span.start > before.span.start or instruction.flag("from"):
            continue
        brought = brought_files(case, stage, instruction)
        if brought is None:
            return None
        if manifest in brought:
            return instruction if any(path.endswith(".go") for path in brought - known) else None
    return None


def _refusal(case: Case, stage: Stage, source: Instruction, first: GoCommand) -> Skip | None:
    between = [i for i in stage.instructions if source.span.start < i.span.start < first.instruction.span.start]
    for instruction in between:
        if instruction.keyword in ("ENV", "ARG"):
            names = [pair.key for pair in instruction.assignments if pair.key in SETTINGS]
            if names:
                return Skip(
                    instruction.span,
                    f"`{names[0]}` is set below the COPY, and the download needs it",
                    help="move the line above the COPY",
                )
        if instruction.keyword == "USER":
            return Skip(instruction.span, "the user changes below the COPY", help="move USER above the COPY")
    for instruction in (*between, first.instruction):
        if _sets_up_access(case, instruction):
            return Skip(
                instruction.span,
                "access to modules is set up below the COPY",
                help="move what sets it up above the COPY",
            )
    if first.is_made and any(sign in first.script.source.text for sign in ACCESS):
        return Skip(first.instruction.span, "the Makefile sets up access to modules", help="do it above the COPY")
    setting = next((name for name in _set_for_command(first) if name in SETTINGS), None)
    if setting is not None:
        return Skip(
            first.instruction.span,
            f"`{setting}` is set for this command only",
            help=f"set `ENV {setting}` above the COPY",
        )
    return None


def _set_for_command(command: GoCommand) -> Iterator[str]:
    """Variables that are set before the command or that its RUN exports; GO111MODULE is on where there is a go.mod."""
    yield from (name for name in sorted(command.given) if name != "GO111MODULE")
    yield from (name for name, _ in command.command.assignments if name != "GO111MODULE")
    for other in command.script.commands:
        words = other.known_arguments()
        if other.start < command.command.start and words[:1] == ("export",):
            yield from (word.partition("=")[0] for word in words[1:])


def _sets_up_access(case: Case, instruction: Instruction) -> bool:
    """Does it bring credentials or certificates, or the programs that use them?"""
    if instruction.keyword in ("COPY", "ADD"):
        return any(sign in word.text for word in instruction.words for sign in ACCESS)
    if instruction.keyword != "RUN":
        return False
    for flag in instruction.flags:
        if flag.name == "mount" and mount_options(flag.value or "").get("type") in ("secret", "ssh"):
            return True
    script = case.script(instruction)
    text = script.source.text
    if any(sign in text for sign in ACCESS) or "update-ca-certificates" in text:
        return True
    installed = (package for install in package_installs(script) for package in install.packages or ())
    return not ACCESS_PROGRAMS.isdisjoint(installed)


def _late_downloads(commands: list[GoCommand], source: Instruction) -> list[GoCommand]:
    """Downloads of the author's that the earlier one makes needless."""
    return [
        command
        for command in commands
        if command.verb == "mod"
        and not command.is_made
        and command.subject == "download"
        and len(command.words) == 3
        and command.instruction.span.start > source.span.start
        and not command.command.assignments
        and not command.instruction.flags
    ]


def _taken_out(case: Case, late: list[GoCommand]) -> Iterator[Edit]:
    for command in late:
        if len(command.script.parts) == 1:
            yield remove(case.dockerfile, command.instruction)
        elif command.script.is_chain:
            edit = remove_command(command.script, command.command)
            if edit is not None:
                yield edit
