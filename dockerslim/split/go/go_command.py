"""Which programs a `go build` or `go install` of a RUN writes, and where."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.languages.go import BuildFlags, GoProject, Output, build_flags, build_outputs
from dockerslim.paths import is_within
from dockerslim.split.go.purpose import Built, Tool
from dockerslim.split.go.stage import project_at

if TYPE_CHECKING:
    from dockerslim.split.go.run_reader import RunReader

BUILD_VERBS = frozenset("mod get vet test fmt generate env version clean list work tool fix".split())
"""Verbs that write source, caches or nothing."""
PROGRAM_MODES = frozenset({"default", "exe", "pie"})


def read_go_command(
    reader: RunReader, command: ShellCommand, folder: str | None, exported: Mapping[str, str | None]
) -> None:
    """Adds the programs that the command writes to what the reader found, or that this isn't known."""
    inner = command.inner()
    words = inner.known_arguments()
    verb = words[1] if len(words) > 1 else ""
    shown = f"go {verb}"
    if verb in BUILD_VERBS or not verb:
        if reader.carrier is not None and build_flags(words, {}).needs_cgo:
            reader.found.cgo_makes.add((reader.instruction.span.start, reader.carrier[1].start))
        return
    if verb not in ("build", "install") or folder is None:
        reader.report(command, shown, "" if folder else "the folder it runs in is computed")
        return
    environment = _environment(reader.case, reader.instruction, inner, exported)
    if any("@" in word and not word.startswith("-") for word in words[2:]):
        outputs = build_outputs(words, "", _any_project(reader.case), environment)
        if outputs is not None:
            reader.found.tools.extend(
                Tool(output.path, reader.instruction, environment.get("CGO_ENABLED") == "0")
                for output in outputs.outputs
            )
        return
    located = project_at(reader.case, reader.stage, folder, reader.instruction)
    if located is None:
        reader.report(command, shown, "the source that it builds is not in the build context")
        return
    project, root = located
    cwd = posixpath.relpath(folder, root)
    made = [path for _, path in reader.found.folders]
    outputs = build_outputs(
        _relative_arguments(words, folder, root),
        "" if cwd == "." else cwd,
        project,
        environment,
        root=root,
        folders=(*made, *(posixpath.relpath(path, folder) for path in made)),
    )
    if outputs is None or outputs.problem is not None:
        reader.report(command, shown, outputs.problem or "" if outputs else "")
        return
    flags = build_flags(words, environment)
    if flags.buildmode not in PROGRAM_MODES or environment.get("GOOS", "linux") != "linux":
        other = "it builds for another system" if flags.buildmode in PROGRAM_MODES else "what it builds is no program"
        reader.report(command, shown, other)
        return
    script, place = reader.place(command)
    for output in outputs.outputs:
        reader.found.built.append(
            Built(
                _absolute(output, folder),
                output.package,
                project,
                reader.instruction,
                place,
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
        if previous != "-o" and is_within(word, root):
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
    case: Case, instruction: Instruction, command: ShellCommand, exported: Mapping[str, str | None]
) -> dict[str, str]:
    state = case.state(instruction)
    values = {name: value for name, value in {**state.arguments, **state.env, **exported}.items() if value is not None}
    values.update({name: word.literal for name, word in command.assignments if word.literal is not None})
    if state.home is not None:
        values.setdefault("HOME", state.home)
    return values
