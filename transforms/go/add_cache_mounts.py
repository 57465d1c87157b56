"""Keep the module and build caches of go between builds.

What it does: mounts both caches on every go command that reads them.
Why: after a change of source only what changed is compiled, after a change of go.mod only what is new is downloaded.
All or none: what a download puts into a mounted cache is not in the layer, so a later go command without the mount
would download again. Where one of them can't have the mount, none gets it.
Left alone: a stage whose command runs go itself when the container starts; the modules must then be in the image.
Refused: a stage that copies out of the module cache; a command that empties a cache together with other things.
Safety: safe. A build works with any contents of a cache.
Sources: https://docs.docker.com/reference/dockerfile/#run---mounttypecache, https://pkg.go.dev/cmd/go#hdr-Build_and_test_caching
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.images.state import ImageState
from dockerslim.split.cache_mounts import (
    CacheMount,
    clears,
    clears_only,
    home_cache,
    missing_mounts,
    mount_edit,
    without,
)
from dockerslim.split.go.stage import GoCommand, go_commands, project_at
from dockerslim.split.start import start_of

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
    after=frozenset({"copy-dependencies-first", "split-stages"}),
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

COMMANDS_WITHOUT_GO = frozenset(
    "apt-get apt apk echo mkdir chmod chown rm cp mv ls cat pwd cd export set git curl wget tar unzip ln touch true "
    "test useradd adduser groupadd addgroup update-ca-certificates sed env strip upx".split()
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        image = case.states[stage.index].final.image
        if image is None or image.family != "golang":
            continue
        commands = [command for command in go_commands(case, stage) if command.loads_modules]
        if commands and _uses_modules(case, stage, image, commands) and not _runs_go_later(case, stage):
            yield from _plan_stage(case, stage, commands)


def _uses_modules(case: Case, stage: Stage, image: Image, commands: list[GoCommand]) -> bool:
    """Before 1.16 go kept to GOPATH where there was no go.mod, and had no module cache."""
    if any(command.verb == "mod" for command in commands):
        return True
    folders = {command.folder for command in commands if command.folder}
    found = [project_at(case, stage, folder, commands[-1].instruction) for folder in folders]
    if any(item is not None and item[0].module is not None for item in found):
        return True
    return image.language_version is None or image.language_version >= (1, 16)


def _runs_go_later(case: Case, stage: Stage) -> bool:
    """Does a container of this stage run go, or is it unknown what it runs?"""
    is_final = stage.index == len(case.dockerfile.stages) - 1
    is_target = stage.name is not None and stage.name in {target.lower() for target in case.usage.targets}
    if not is_final and not is_target:
        return False
    start = start_of(case, stage)
    if start is None or not start.is_known:
        return True
    workdir = case.states[stage.index].final.workdir or "/"
    mounted = case.usage.mount_over(workdir)
    if mounted is not None and (workdir + "/").startswith(mounted[1].target.rstrip("/") + "/"):
        return True  # somebody works in the container, and has the modules of the image
    services = [service for service in case.usage.services if (service.target or "") in ("", stage.name or "")]
    texts = [str(service.command or "") + " " + str(service.entrypoint or "") for service in services]
    if any(
        f" {tool} " in f" {text} ".replace("'", " ").replace(",", " ")
        for text in texts
        for tool in ("go", "air", "make")
    ):
        return True
    names = {posixpath.basename(words[0]) for words in start.commands() if words}
    return bool(names & GO_RUNNERS) or any(name.endswith(".sh") for name in names)


GO_RUNNERS = frozenset(
    "go air reflex CompileDaemon gow dlv realize fresh modd make task mage nodemon watchexec".split()
)


def _plan_stage(case: Case, stage: Stage, commands: list[GoCommand]) -> Iterator[Fix | Skip]:
    by_instruction: dict[int, list[GoCommand]] = {}
    for command in commands:
        by_instruction.setdefault(command.instruction.span.start, []).append(command)
    wanted: list[tuple[Instruction, tuple[CacheMount, ...]]] = []
    targets: set[str] = set()
    for group in by_instruction.values():
        instruction = group[0].instruction
        mounts = _mounts(case, case.state(instruction), group)
        if mounts is None:
            yield Skip(
                instruction.span,
                "where go keeps its caches for this user is not known",
                help="set GOCACHE and GOMODCACHE with ENV",
            )
            return
        if not mounts:
            continue
        wanted.append((instruction, mounts))
        targets |= {mount.target for mount in mounts}
    refusal = _refusal(case, stage, by_instruction, targets)
    if refusal is not None:
        yield refusal
        return
    edits: list[Edit] = []
    for instruction, mounts in wanted:
        missing = missing_mounts(instruction, case.state(instruction), mounts)
        cleared = _taken_out(case, instruction, targets)
        if cleared is None:
            yield Skip(
                instruction.span,
                "the command empties a cache together with other things",
                help="take the caches out of it",
            )
            return
        if missing:
            edits.append(mount_edit(case.dockerfile, instruction, missing))
            edits.extend(cleared)
    if edits:
        yield Fix(tuple(edits), why="go compiles and downloads only what changed")


def _mounts(case: Case, state: ImageState, group: list[GoCommand]) -> tuple[CacheMount, ...] | None:
    owner = state.uid
    module_cache = state.env.get("GOMODCACHE") or _below_gopath(state)
    if owner is None or module_cache is None:
        return None
    mounts = [CacheMount(module_cache, uid=owner[0], gid=owner[1])] if _loads_modules(case, group) else []
    if any(command.compiles or command.verb in ("get", "list") for command in group) and any(c.compiles for c in group):
        build_cache = state.env.get("GOCACHE")
        if build_cache:
            mounts.append(CacheMount(build_cache, uid=owner[0], gid=owner[1]))
        else:
            found = home_cache(state, ".cache/go-build")
            if found is None or owner[0] != 0:
                return None
            mounts.append(found)
    return tuple(mounts)


def _below_gopath(state: ImageState) -> str | None:
    gopath = state.env.get("GOPATH")
    return posixpath.join(gopath.split(":")[0], "pkg/mod") if gopath else None


def _loads_modules(case: Case, group: list[GoCommand]) -> bool:
    """Not where the module is vendored, or requires nothing."""
    for command in group:
        if command.folder is None or any("@" in word for word in command.words[2:]) or command.verb == "get":
            return True
        states = next((s for s in case.states if command.instruction in s.stage.instructions), None)
        found = project_at(case, states.stage, command.folder, command.instruction) if states else None
        if found is None:
            return True
        project = found[0]
        if project.vendored:
            continue
        if project.module is None or project.workspace is not None or project.module.requires:
            return True
    return False


def _refusal(case: Case, stage: Stage, by_instruction: dict[int, list[GoCommand]], targets: set[str]) -> Skip | None:
    module_cache = next((target for target in targets if target.endswith("pkg/mod")), None)
    for other in case.dockerfile.instructions:
        source = other.flag_value("from")
        if other.keyword == "COPY" and source and module_cache:
            named = case.dockerfile.stage_named(source)
            if (
                named is not None
                and named.index == stage.index
                and any(
                    word.text.startswith(module_cache) or module_cache.startswith(word.text.rstrip("/") + "/")
                    for word in other.sources
                )
            ):
                return Skip(other.span, "a stage copies files out of the module cache")
    for instruction, script in case.runs(stage):
        if instruction.span.start in by_instruction:
            continue
        if module_cache and module_cache in script.source.text:
            return Skip(instruction.span, "a command reads files out of the module cache")
        name = _unknown_command(script.commands) if script.problem is None else "the script"
        if script.problem is not None or name or len(script.parts) != len(script.commands):
            first = min(by_instruction)
            if instruction.span.start > first:
                return Skip(
                    instruction.span,
                    f"whether `{name or 'the script'}` runs go can't be seen",
                    help="mount the caches on this RUN and on the go commands yourself",
                    note="without the mounts it would not find the modules",
                )
    return None


def _unknown_command(commands: tuple[ShellCommand, ...]) -> str:
    for command in commands:
        words = command.inner().known_arguments()
        if words and posixpath.basename(words[0]) not in COMMANDS_WITHOUT_GO:
            return words[0]
    return ""


def _taken_out(case: Case, instruction: Instruction, targets: set[str]) -> tuple[Edit, ...] | None:
    script = case.script(instruction)
    emptying = []
    for command in script.commands:
        words = command.inner().known_arguments()
        if words[:2] == ("go", "clean") and any(word.startswith(("-cache", "-modcache")) for word in words):
            emptying.append(command)
        elif clears(command, targets):
            if not clears_only(command, targets):
                return None
            emptying.append(command)
    return without(script, emptying)
