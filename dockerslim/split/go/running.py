"""What a Go program does at run time, whichever stage built it."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.go.purpose import Built, read_stage
from dockerslim.split.go.started import started
from dockerslim.split.running import RunningProgram, absolute
from dockerslim.split.start import Start

DEVELOPMENT_SERVERS = frozenset("air reflex CompileDaemon gow dlv realize fresh modd nodemon".split())
"""Programs that build again when the source changes, or hold the program for a debugger."""

WRITES_NOTHING = frozenset(
    "echo printf sleep test [ true false : set export unset cd trap wait exit return exec if then else elif fi for"
    " while until do done in case esac shift local readonly read type command cat grep sed awk head tail cut tr wc ls"
    " pwd env date id hostname uname nc pg_isready curl wget kill ps basename dirname expr sort xargs find tee".split()
)
"""What a start script may run without writing a file of its own; redirections are looked at apart."""


def read(case: Case, stage: Stage, start: Start) -> RunningProgram | None:
    """None where the image starts nothing that a stage of this file builds with go."""
    state = case.states[stage.index].final
    workdir = state.workdir or "/"
    found: list[Built] = []
    others: list[str] = []
    for words in started(case, stage, start).commands:
        if words and posixpath.basename(words[0]) in DEVELOPMENT_SERVERS:
            return RunningProgram(development_tool=posixpath.basename(words[0]))
        built = built_program(case, stage, words[0]) if words else None
        if built is not None:
            found.append(built)
        elif words and posixpath.basename(words[0]) not in WRITES_NOTHING and "=" not in words[0]:
            others.append(posixpath.basename(words[0]))
    if not found:
        return None
    written: list[str] = []
    unknown = [f"what `{name}` writes is not known" for name in others]
    for built in found:
        if built.package is None:
            unknown.append(f"the source of `{posixpath.basename(built.path)}` is not in the build context")
            continue
        facts = built.project.program(built.package, built.tags)
        written.extend(absolute(use.path, workdir) for use in facts.writes)
        unknown.extend(f"a path that the program writes is computed ({evidence})" for evidence in facts.unknown_writes)
        if not facts.complete:
            unknown.append("part of the program's source could not be read")
        for use in facts.programs:
            unknown.append(f"the program runs `{use.path}` ({use.evidence})")
        unknown.extend(f"the program runs another one that is computed ({e})" for e in facts.unknown_programs)
    return RunningProgram(tuple(dict.fromkeys(written)), tuple(dict.fromkeys(unknown)))


def built_program(case: Case, stage: Stage, word: str) -> Built | None:
    """The program that a word starts: built in this stage, or copied from one that builds it."""
    state = case.states[stage.index].final
    if "/" in word:
        paths = [state.path(word) or word]
    else:
        paths = [f"{folder}/{word}" for folder in (state.env.get("PATH") or "").split(":")]
    for path in paths:
        built = _built_at(case, stage, path)
        if built is not None:
            return built
    return None


def _built_at(case: Case, stage: Stage, path: str) -> Built | None:
    states = case.states[stage.index]
    image = states.final.image
    if image is not None and image.family == "golang":
        found = next((b for b in read_stage(case, stage).built if b.path == path), None)
        if found is not None:
            return found
    for placement in reversed(case.files(stage).placements):
        if placement.stage is None:
            continue
        source = case.dockerfile.stage_named(placement.stage, stage.index)
        if source is None:
            continue
        name = posixpath.basename(path)
        candidates = []
        if (
            placement.target == path
            or posixpath.dirname(path) == placement.target.rstrip("/")
            or placement.target == posixpath.dirname(path)
        ):
            candidates = [placement.source, posixpath.join(placement.source, name)]
        for candidate in candidates:
            if posixpath.basename(candidate) != name and placement.target != path:
                continue
            found = _built_at(case, source, posixpath.normpath(candidate))
            if found is not None:
                return found
    if states.base_stage is not None:
        return _built_at(case, states.base_stage, path)
    return None
