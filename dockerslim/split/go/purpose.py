"""What each command of a Go stage is for: building, installing packages, making folders, or something unknown."""

from __future__ import annotations

import itertools
import posixpath
import re
from dataclasses import dataclass, field

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.dockerfile.shell import Opaque, Script, ShellCommand
from dockerslim.languages.go import BuildFlags, GoProject, Output, build_flags, build_outputs
from dockerslim.split.go.stage import project_at
from dockerslim.split.packages import is_package_housekeeping, package_install

BUILD_VERBS = frozenset("mod get vet test fmt generate env version clean list work tool fix".split())
USER_PROGRAMS = frozenset({"adduser", "addgroup", "useradd", "groupadd"})
PROGRAM_MODES = frozenset({"default", "exe", "pie"})
HARMLESS = frozenset("set echo export cd chmod true ls pwd cat which upx strip file unset".split())
"""Programs that leave nothing for the run time but what they were given."""
CODE_GENERATORS = frozenset(
    "protoc buf wire sqlc templ swag mockgen stringer go-bindata packr packr2 statik gofmt goimports golangci-lint"
    " staticcheck golint gosec govulncheck oapi-codegen ent gqlgen".split()
)
"""Programs that write source, or only look at it; what they write is built."""


@dataclass(frozen=True, slots=True)
class Built:
    """A program that a RUN builds: its absolute path in the image."""

    path: str
    package: str | None
    project: GoProject
    instruction: Instruction
    command: ShellCommand
    script: Script
    tags: frozenset[str] = frozenset()
    needs_cgo: bool = False
    cgo_setting: str | None = None
    """CGO_ENABLED as the command sees it; None where nothing sets it."""


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A command whose effects on the file system are not known."""

    span: Span
    name: str
    reason: str = ""


@dataclass(slots=True)
class GoStage:
    """The commands of a Go stage by purpose."""

    built: list[Built] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)
    """Absolute paths of programs of other modules (`go install x@version`)."""
    packages: list[tuple[Instruction, str, str]] = field(default_factory=list)
    """Instruction, manager ("apt", "apk"), package."""
    folders: list[tuple[Instruction, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Absolute paths that a RUN removes."""
    unknown: list[UnknownCommand] = field(default_factory=list)
    users: list[Instruction] = field(default_factory=list)


def read_stage(case: Case, stage: Stage) -> GoStage:
    """Looks at every RUN of the stage, in order."""
    found = GoStage()
    for instruction, script in case.runs(stage):
        if script.problem is not None:
            found.unknown.append(UnknownCommand(instruction.span, "the script", script.problem))
            continue
        _read_run(case, stage, instruction, script, found)
    return found


def _read_run(case: Case, stage: Stage, instruction: Instruction, script: Script, found: GoStage) -> None:
    folder = case.state(instruction).workdir
    exported: dict[str, str | None] = {}
    for part in script.parts:
        span = script.span(part.start, part.end)
        if isinstance(part, Opaque):
            found.unknown.append(
                UnknownCommand(span, script.text(part.start, part.end), "it is more than a plain command")
            )
            continue
        inner = part.inner()
        words = inner.known_arguments()
        if not words:
            exported.update({name: value.literal for name, value in part.assignments})
            continue
        name = posixpath.basename(words[0])
        if name == "cd":
            known = inner.arguments is not None and len(words) == 2 and folder is not None
            folder = posixpath.normpath(posixpath.join(folder or "/", words[1])) if known else None
        elif name == "export":
            for word in words[1:]:
                key, equals, value = word.partition("=")
                if equals:
                    exported[key] = value if "$" not in value else None
        elif name == "go":
            _read_go(case, stage, instruction, script, part, folder, exported, found)
        elif (install := package_install(part)) is not None:
            if install.packages is None:
                found.unknown.append(UnknownCommand(span, words[0], "the packages are computed"))
            else:
                found.packages.extend((instruction, install.manager, package) for package in install.packages)
        elif name in USER_PROGRAMS:
            if any(other.inner().name not in USER_PROGRAMS for other in script.commands):
                found.unknown.append(UnknownCommand(span, name, "a user is made together with other things"))
            elif instruction not in found.users:
                found.users.append(instruction)
        elif name == "rm" and not is_package_housekeeping(part):
            _read_rm(inner, folder, span, found)
        elif name == "mkdir":
            _read_mkdir(inner, folder, span, instruction, found)
        elif not (
            is_package_housekeeping(part) or name in HARMLESS or name in CODE_GENERATORS or _is_git_setting(words)
        ):
            shown = words[0] if len(words) == 1 or words[0].startswith((".", "/")) else f"{words[0]} {words[1]}"
            found.unknown.append(UnknownCommand(span, shown))
        if part.redirects and name not in ("go",) and _writes_file(part):
            found.unknown.append(UnknownCommand(span, script.text(part.start, part.end), "it writes a file"))


def _writes_file(command: ShellCommand) -> bool:
    return any(
        ">" in redirect and "/dev/null" not in redirect and "&" not in redirect for redirect in command.redirects
    )


def _is_git_setting(words: tuple[str, ...]) -> bool:
    return words[0] == "git" and len(words) > 1 and words[1] in ("config", "version", "--version")


def _read_rm(command: ShellCommand, folder: str | None, span: Span, found: GoStage) -> None:
    paths = [word for word in command.known_arguments()[1:] if not word.startswith("-")]
    computed = any(char in path for path in paths for char in "*?[$`")
    if computed or (folder is None and any(not path.startswith("/") for path in paths)):
        found.unknown.append(UnknownCommand(span, "rm", "what it removes is computed"))
        return
    found.removed.extend(posixpath.normpath(posixpath.join(folder or "/", path)) for path in paths)


def _read_mkdir(
    command: ShellCommand, folder: str | None, span: Span, instruction: Instruction, found: GoStage
) -> None:
    paths = [word for word in command.known_arguments()[1:] if not word.startswith("-")]
    if command.arguments is None or (folder is None and any(not path.startswith("/") for path in paths)):
        found.unknown.append(UnknownCommand(span, "mkdir", "the folder is computed"))
        return
    found.folders.extend((instruction, posixpath.normpath(posixpath.join(folder or "/", path))) for path in paths)


def _read_go(
    case: Case,
    stage: Stage,
    instruction: Instruction,
    script: Script,
    command: ShellCommand,
    folder: str | None,
    exported: dict[str, str | None],
    found: GoStage,
) -> None:
    inner = command.inner()
    words = inner.known_arguments()
    span = script.span(command.start, command.end)
    verb = words[1] if len(words) > 1 else ""
    if verb in BUILD_VERBS or not verb:
        return
    if verb not in ("build", "install") or folder is None:
        found.unknown.append(UnknownCommand(span, f"go {verb}", "" if folder else "the folder it runs in is computed"))
        return
    environment = _environment(case, instruction, inner, exported)
    if any("@" in word and not word.startswith("-") for word in words[2:]):
        outputs = build_outputs(words, "", _any_project(case), environment)
        if outputs is not None:
            found.tools.extend(output.path for output in outputs.outputs)
        return
    located = project_at(case, stage, folder, instruction)
    if located is None:
        found.unknown.append(
            UnknownCommand(span, f"go {verb}", "the source that it builds is not in the build context")
        )
        return
    project, root = located
    cwd = posixpath.relpath(folder, root)
    outputs = build_outputs(
        _relative_arguments(words, folder, root),
        "" if cwd == "." else cwd,
        project,
        environment,
        root=root,
        folders=tuple(path for _, path in found.folders),
    )
    if outputs is None or outputs.problem is not None:
        found.unknown.append(UnknownCommand(span, f"go {verb}", outputs.problem or "" if outputs else ""))
        return
    flags = build_flags(words, environment)
    if flags.buildmode not in PROGRAM_MODES or environment.get("GOOS", "linux") != "linux":
        other = "it builds for another system" if flags.buildmode in PROGRAM_MODES else "what it builds is no program"
        found.unknown.append(UnknownCommand(span, f"go {verb}", other))
        return
    for output in outputs.outputs:
        found.built.append(
            Built(
                _absolute(output, folder),
                output.package,
                project,
                instruction,
                command,
                script,
                frozenset(flags.tags),
                flags.needs_cgo or _links_dynamically(flags),
                environment.get("CGO_ENABLED"),
            )
        )


def _links_dynamically(flags: BuildFlags) -> bool:
    """Even without cgo a position-independent program names the loader of the C library."""
    return flags.buildmode == "pie" or bool(re.search(r"linkmode[ =]external", flags.ldflags or ""))


def _relative_arguments(words: tuple[str, ...], folder: str, root: str) -> tuple[str, ...]:
    """Packages and files of the module that are named by absolute paths, as paths from the working folder."""
    found = [words[0], words[1]]
    for previous, word in itertools.pairwise(words[1:]):
        if previous != "-o" and (word == root or word.startswith(root.rstrip("/") + "/")):
            relative = posixpath.relpath(word, folder)
            word = relative if relative.startswith("..") else "./" + relative
        found.append(word)
    return tuple(found)


def _any_project(case: Case) -> GoProject:
    project = case.go_project("")
    if project is not None:
        return project
    from dockerslim.context.build_context import BuildContext
    from dockerslim.languages.go import detect

    made = detect(BuildContext.in_memory({"go.mod": "module m\n"}))
    assert made is not None
    return made


def _absolute(output: Output, folder: str) -> str:
    return posixpath.normpath(posixpath.join(folder, output.path))


def _environment(
    case: Case, instruction: Instruction, command: ShellCommand, exported: dict[str, str | None]
) -> dict[str, str]:
    state = case.state(instruction)
    values = {name: value for name, value in {**state.arguments, **state.env, **exported}.items() if value is not None}
    values.update({name: word.literal for name, word in command.assignments if word.literal is not None})
    if state.home is not None:
        values.setdefault("HOME", state.home)
    return values
