"""Build the program in a RUN where the command is `go run`.

What it does: adds `go build` with the package and the flags of the command, and starts what that builds.
Why: `go run` compiles whenever a container starts, needs the toolchain and the source in the image, and passes neither
signals nor the exit code on as they are. What is built once can move to an image of its own.
Left alone: development servers, tests, a command that is more than one `go run`.
Refused: nothing; where it can't be told what is built, nothing is done.
Safety: unsafe. The exit code becomes the program's own (`go run` makes each one 1), and a start no longer picks up
what was mounted or changed since the build.
Source: https://pkg.go.dev/cmd/go#hdr-Compile_and_run_Go_program
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.dockerfile.layout import insert_after
from dockerslim.engine.transform import Case, Example, Fix, Options, Safety, Skip, Transform, Unchanged
from dockerslim.languages.go import build_outputs
from dockerslim.split.checks import check_use
from dockerslim.split.go.stage import project_at
from dockerslim.split.order import UNQUOTED
from dockerslim.split.refused import Refused

CONTEXT = {"go.mod": "module example.com/shop\n\ngo 1.23\n", "main.go": "package main\n\nfunc main() {}\n"}
HEAD = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\n"

transform = Transform(
    id="build-program",
    title="Build the Go program once, not at each start",
    languages=frozenset({"go"}),
    changes=frozenset({"CMD", "ENTRYPOINT"}),
    examples=(
        Example(
            "a package",
            HEAD + 'EXPOSE 80\nCMD ["go", "run", ".", "-v"]\n',
            HEAD + 'RUN go build -o shop .\nEXPOSE 80\nCMD ["./shop", "-v"]\n',
            CONTEXT,
            options=Options(unsafe=True),
        ),
        Example(
            "a file",
            HEAD + "CMD go run main.go\n",
            HEAD + "RUN go build -o main main.go\nCMD ./main\n",
            CONTEXT,
            options=Options(unsafe=True),
        ),
        Unchanged(
            "without a person's word",
            HEAD + 'CMD ["go", "run", "."]\n',
            reason="a start no longer compiles what is there then, and the exit code is the program's own",
            context=CONTEXT,
        ),
        Unchanged("tests", HEAD + 'CMD ["go", "test", "./..."]\n', context=CONTEXT, options=Options(unsafe=True)),
    ),
)


@dataclass(frozen=True, slots=True)
class GoRun:
    """A `go run`: the words of the build in its place, and the program's own arguments."""

    flags: tuple[str, ...]
    packages: tuple[str, ...]
    arguments: tuple[str, ...]


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    state = case.final.final
    if state.image is None or state.image.family != "golang" or state.workdir is None or not state.is_root:
        return
    instruction = stage.last("ENTRYPOINT") or stage.last("CMD")
    words = _words(case, instruction) if instruction is not None else None
    found = go_run(words) if words is not None else None
    step = next((i for i in reversed(stage.instructions) if i.keyword in ("RUN", "COPY", "ADD", "WORKDIR")), None)
    if instruction is None or found is None or step is None or step.span.start > instruction.span.start:
        return
    try:
        check_use(case, stage)
    except Refused:
        return  # it is run from its source
    name = _program_name(case, stage, found, instruction)
    if name is None:
        return
    build = " ".join(("go", "build", *found.flags, "-o", name, *found.packages))
    yield Fix(
        (
            insert_after(case.dockerfile, step, f"RUN {build}\n"),
            Edit(instruction.arguments_span, _command_text(instruction, (f"./{name}", *found.arguments))),
        ),
        why="the program is built once, not whenever a container starts",
        safety=Safety.UNSAFE,
        risk="a start no longer compiles what is there then, and the exit code is the program's own",
        place=instruction.span,
    )


def _words(case: Case, instruction: Instruction) -> tuple[str, ...] | None:
    if instruction.json is not None:
        return instruction.json
    script = case.script(instruction)
    if script.problem is not None or len(script.parts) != 1 or len(script.commands) != 1:
        return None
    command = script.commands[0]
    words = command.arguments
    if words is None or command.redirects or command.assignments:
        return None
    return words if all(set(word) <= UNQUOTED | {"=", ",", ":"} for word in words) else None


def go_run(words: tuple[str, ...]) -> GoRun | None:
    """The parts of `go run [flags] package|files [arguments]`; None for another command, or with odd flags."""
    if len(words) < 3 or posixpath.basename(words[0]) != "go" or words[1] != "run":
        return None
    rest = list(words[2:])
    flags: list[str] = []
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        if flag.startswith("-exec"):
            return None
        flags.append(flag)
        if flag in ("-mod", "-tags", "-ldflags", "-gcflags", "-modfile") and rest:
            flags.append(rest.pop(0))
    count = 0
    while count < len(rest) and rest[count].endswith(".go"):
        count += 1
    count = count or 1
    packages = tuple(rest[:count])
    plain = all(set(word) <= UNQUOTED | {"=", ","} for word in (*flags, *packages))
    if not packages or not plain or any("@" in package for package in packages):
        return None
    return GoRun(tuple(flags), packages, tuple(rest[count:]))


def _program_name(case: Case, stage: Stage, found: GoRun, instruction: Instruction) -> str | None:
    """A name for the program that nothing in the work folder has; None where it isn't known what is built."""
    state = case.final.final
    folder = state.workdir or "/"
    located = project_at(case, stage, folder, instruction)
    if located is None:
        return None
    project, root = located
    packages = [_relative(package, folder) for package in found.packages]
    relative = posixpath.relpath(folder, root)
    outputs = build_outputs(
        ("go", "build", *found.flags, "-o", "/tmp/program", *packages),
        "" if relative == "." else relative,
        project,
        {name: value for name, value in state.env.items() if value is not None},
        root=root,
    )
    if outputs is None or outputs.problem is not None or len(outputs.outputs) != 1:
        return None
    own = outputs.outputs[0].package
    path = project.source.import_path_of(posixpath.join(project.folder, own).rstrip("/")) if own is not None else None
    for name in (_own_name(packages[0], path or root), "app", "program"):
        path = case.files(stage).context_path(posixpath.join(folder, name))
        if set(name) <= UNQUOTED and (path is None or case.context is None or not case.context.has(path)):
            return name
    return None


def _relative(package: str, folder: str) -> str:
    if not package.startswith("/"):
        return package
    relative = posixpath.relpath(package, folder)
    return relative if relative.startswith("..") else f"./{relative}"


def _own_name(word: str, path: str) -> str:
    """The name that `go build` would give it: that of the first file, or the end of the import path."""
    if word.endswith(".go"):
        return posixpath.basename(word).removesuffix(".go")
    parts = [part for part in path.split("/") if part]
    if len(parts) > 1 and re.fullmatch(r"v\d+", parts[-1]):
        parts.pop()
    return parts[-1] if parts else "app"


def _command_text(instruction: Instruction, words: tuple[str, ...]) -> str:
    if instruction.json is None:
        return " ".join(words)
    return "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"
