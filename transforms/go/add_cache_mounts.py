"""Keep the module and build caches of go between builds.

What it does: mounts both caches on every go command that reads them.
Why: after a change of source only what changed is compiled, after a change of go.mod only what is new is downloaded.
All or none: what a download puts into a mounted cache is not in the layer, so a later go command without the mount
would download again, in a stage that is built from this one too. Where one of them can't have the mount, none gets it.
Left alone: a stage whose command runs go itself when the container starts; the modules must then be in the image.
Refused: a stage that copies out of the module cache; a command that empties a cache together with other things.
Safety: safe. A build works with any contents of a cache.
Sources: https://docs.docker.com/reference/dockerfile/#run---mounttypecache, https://pkg.go.dev/cmd/go#hdr-Build_and_test_caching
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.cache_mounts import (
    CacheMount,
    clears,
    clears_only,
    missing_mounts,
    mount_edit,
    mount_options,
    without,
)
from dockerslim.split.go.caches import (
    cache_mounts,
    check_readers,
    emptying_commands,
    is_run_with_modules,
    stages_of_modules,
)
from dockerslim.split.go.stage import GoCommand, go_commands, project_at
from dockerslim.split.refused import Refused

MODULE = {"go.mod": "module m\n\nrequire a.example/b v1.0.0\n", "go.sum": "", "main.go": "package main\n"}
BEFORE = (
    "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n"
    "COPY . .\nRUN go build -o app .\n"
)
BOTH = "--mount=type=cache,target=/go/pkg/mod \\\n    --mount=type=cache,target=/root/.cache/go-build"
RUNTIME = '\nFROM scratch\nCOPY --from=build /src/app /app\nCMD ["/app"]\n'

transform = Transform(
    id="add-cache-mounts",
    title="Keep Go's module and build caches between builds",
    languages=frozenset({"go"}),
    after=frozenset({"copy-dependencies-first", "split-stages", "replace-runtime-image"}),
    examples=(
        Example(
            "download and build",
            BEFORE + RUNTIME,
            "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\n"
            "RUN --mount=type=cache,target=/go/pkg/mod \\\n    go mod download\nCOPY . .\n"
            f"RUN {BOTH} \\\n    go build -o app .\n" + RUNTIME,
            MODULE,
        ),
        Unchanged("go runs in the container", BEFORE + 'CMD ["go", "run", "."]\n', context=MODULE),
        Unchanged(
            "copies out of the cache",
            BEFORE + "RUN cp /go/pkg/mod/a.example/b@v1.0.0/x /x\n" + RUNTIME,
            reason="a command reads files out of the module cache",
            context=MODULE,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stages in stages_of_modules(case):
        commands = [command for stage in stages for command in go_commands(case, stage) if command.loads_modules]
        if not _uses_modules(case, stages[0], commands) or any(is_run_with_modules(case, stage) for stage in stages):
            continue
        try:
            edits = _mount_edits(case, stages, commands)
        except Refused as refused:
            yield Skip(refused.span, refused.reason, refused.help, refused.note)
            continue
        if edits:
            yield Fix(edits, why="go compiles and downloads only what changed")


def _uses_modules(case: Case, stage: Stage, commands: Sequence[GoCommand]) -> bool:
    """Before 1.16 go kept to GOPATH where there was no go.mod, and had no module cache."""
    if any(command.verb == "mod" for command in commands):
        return True
    own = [command for command in commands if command.instruction in stage.instructions and command.folder]
    found = [project_at(case, stage, command.folder or "/", own[-1].instruction) for command in own]
    if any(item is not None and item[0].module is not None for item in found):
        return True
    image = case.states[stage.index].final.image
    return image is None or image.language_version is None or image.language_version >= (1, 16)


def _mount_edits(case: Case, stages: Sequence[Stage], commands: Sequence[GoCommand]) -> tuple[Edit, ...]:
    by_instruction: dict[int, list[GoCommand]] = {}
    for command in commands:
        by_instruction.setdefault(command.instruction.span.start, []).append(command)
    there = {mount.target: mount for mount in _existing(case, stages)}
    wanted: list[tuple[Instruction, tuple[CacheMount, ...]]] = []
    for group in by_instruction.values():
        mounts = cache_mounts(case, group[0].instruction, group)
        if mounts:
            wanted.append((group[0].instruction, tuple(_like(there.get(mount.target), mount) for mount in mounts)))
    all_mounts = {mount for _, mounts in wanted for mount in mounts}
    if not all_mounts:
        return ()
    check_readers(case, stages, by_instruction, all_mounts)
    targets = {mount.target for mount in all_mounts}
    edits: list[Edit] = []
    for instruction, mounts in wanted:
        missing = missing_mounts(instruction, case.state(instruction), mounts)
        cleared = _taken_out(case, _stage_of(stages, instruction), instruction, targets)
        if missing:
            edits.append(mount_edit(case.dockerfile, instruction, missing))
            edits.extend(cleared)
    return tuple(edits)


def _stage_of(stages: Sequence[Stage], instruction: Instruction) -> Stage:
    return next(stage for stage in stages if instruction in stage.instructions)


def _existing(case: Case, stages: Sequence[Stage]) -> Iterator[CacheMount]:
    """The author's cache mounts that have an id: what one RUN keeps under it, another finds under it only."""
    for stage in stages:
        for instruction in stage.all("RUN"):
            for flag in instruction.flags:
                options = mount_options(flag.value or "") if flag.name == "mount" else {}
                target = options.get("target") or options.get("dst") or options.get("destination")
                if options.get("type") == "cache" and options.get("id") and target:
                    yield CacheMount(target, options.get("sharing", ""), id=options["id"])


def _like(there: CacheMount | None, mount: CacheMount) -> CacheMount:
    return mount if there is None else replace(mount, id=there.id, sharing=there.sharing)


def _taken_out(case: Case, stage: Stage, instruction: Instruction, targets: Collection[str]) -> tuple[Edit, ...]:
    emptying = emptying_commands(case, stage, instruction, targets)
    removals = [command for command in emptying if clears(command, targets)]
    edits = without(case.script(instruction), emptying)
    if edits is None or any(not clears_only(command, targets) for command in removals):
        raise Refused(
            instruction.span, "the command empties a cache together with other things", "take the caches out of it"
        )
    return edits
