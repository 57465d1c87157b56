"""Where go keeps its caches, and who would miss what lies in them once they are mounted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.images.state import ImageState
from dockerslim.paths import is_below
from dockerslim.split.cache_mounts import CacheMount, clears, home_cache, mount_options
from dockerslim.split.go.stage import GoCommand, go_commands, project_at, run_commands, set_for
from dockerslim.split.needs_root import start_script
from dockerslim.split.refused import Refused
from dockerslim.split.start import start_of

LOCATIONS = frozenset({"GOCACHE", "GOMODCACHE", "GOPATH", "HOME", "XDG_CACHE_HOME"})
"""Variables that say where the caches are."""
READS_MODULES = re.compile(r"pkg/mod\b|GOMODCACHE|(?:\$\(|`)\s*go\s+(?:list|mod|get|run|tool)\b")
MOVES_CACHES = re.compile(r"\bgo\s+env\s+-w\s[^\n;&|]*(?:GOCACHE|GOMODCACHE|GOPATH)")
VERBS_WITHOUT_MODULES = frozenset({"clean", "env", "version", "fmt", "help", "telemetry"})
COMMANDS_WITHOUT_GO = frozenset(
    "apt-get apt apk echo printf mkdir chmod chown chgrp rm cp mv ln ls cat pwd cd export set unset git curl wget tar "
    "gzip unzip touch true false test install grep head tail sort date id sleep which gpg sha256sum useradd adduser "
    "usermod groupadd addgroup groupmod update-ca-certificates locale-gen ldconfig sed env strip upx file gofmt protoc "
    "sqlc".split()
)
GO_RUNNERS = frozenset(
    "go air reflex CompileDaemon gow dlv realize fresh modd make task mage nodemon watchexec".split()
)


# --- which stages hang together?


def stages_of_modules(case: Case) -> Iterator[tuple[Stage, ...]]:
    """The stages that see the modules of one layer: the first that loads modules, and all that are built from it."""
    taken: set[int] = set()
    for stage in case.dockerfile.stages:
        image = case.states[stage.index].final.image
        if image is None or image.family != "golang" or stage.index in taken:
            continue
        if not any(command.loads_modules for command in go_commands(case, stage)):
            continue
        group = [stage]
        for states in case.states[stage.index + 1 :]:
            if states.base_stage is not None and any(states.base_stage.index == known.index for known in group):
                group.append(states.stage)
        taken |= {known.index for known in group}
        yield tuple(group)


def is_run_with_modules(case: Case, stage: Stage) -> bool:
    """Does a container of this stage run go, or is it unknown what it runs?"""
    is_final = stage.index == len(case.dockerfile.stages) - 1
    is_target = bool({stage.name, str(stage.index)} & {target.lower() for target in case.usage.targets})
    if not is_final and not is_target:
        return False
    start = start_of(case, stage)
    if start is None or not start.is_known or start_script(case, stage, start) is not None:
        return True
    if is_final and case.usage.devcontainer is not None:
        return True
    workdir = case.states[stage.index].final.workdir or "/"
    mounted = case.usage.mount_over(workdir)
    if mounted is not None and (workdir + "/").startswith(mounted[1].target.rstrip("/") + "/"):
        return True  # somebody works in the container, and has the modules of the image
    services = [service for service in case.usage.services if (service.target or "") in ("", stage.name or "")]
    said = " ".join(f"{service.command or ''} {service.entrypoint or ''}" for service in services)
    words = re.sub(r"[\"'(),\[\]]", " ", said).split()
    names = {posixpath.basename(word) for word in words}
    names |= {posixpath.basename(command[0]) for command in start.commands() if command}
    return bool(names & GO_RUNNERS) or any(name.endswith(".sh") for name in names)


# --- where are the caches?


def cache_mounts(case: Case, instruction: Instruction, group: Sequence[GoCommand]) -> tuple[CacheMount, ...]:
    """The caches that the go commands of a RUN use. Raises Refused where it isn't known where they are."""
    state = case.state(instruction)
    for command in group:
        moved = next((name for name in _set_in_run(command) if name in LOCATIONS), None)
        if moved is not None:
            raise Refused(instruction.span, f"`{moved}` is set for this command only", f"set `ENV {moved}` for all")
    owner = state.uid
    unknown = Refused(
        instruction.span,
        "where go keeps its caches for this user is not known",
        "set GOCACHE and GOMODCACHE with ENV",
    )
    if owner is None:
        raise unknown
    mounts = []
    if _loads_modules(case, group):
        gopath = _location(state, instruction, "GOPATH")
        below = posixpath.join(gopath.split(":")[0], "pkg/mod") if gopath else None
        module_cache = _location(state, instruction, "GOMODCACHE") or below
        if module_cache is None:
            raise unknown
        mounts.append(CacheMount(module_cache, uid=owner[0], gid=owner[1]))
    if any(command.compiles for command in group):
        build_cache = _location(state, instruction, "GOCACHE")
        above = _location(state, instruction, "XDG_CACHE_HOME")
        if build_cache is None and above is not None:
            build_cache = posixpath.join(above, "go-build")
        found = home_cache(state, ".cache/go-build") if build_cache is None else None
        if build_cache is not None:
            mounts.append(CacheMount(build_cache, uid=owner[0], gid=owner[1]))
        elif found is None or owner[0] != 0:
            raise unknown
        else:
            mounts.append(found)
    return tuple(mounts)


def _location(state: ImageState, instruction: Instruction, name: str) -> str | None:
    """The value of such a variable in a RUN; None where it isn't set."""
    if name not in state.env and name not in state.arguments:
        return None
    value = state.env.get(name)
    if value is None or not value.startswith("/"):
        raise Refused(instruction.span, f"the value of `{name}` is not known", f"give {name} an absolute path with ENV")
    return value


def _set_in_run(command: GoCommand) -> Iterator[str]:
    """Variables that are set before the command, exported above it, or given to it by make."""
    yield from command.given
    yield from set_for(command.command)
    for other in command.script.commands:
        if other.start >= command.command.start:
            return
        words = other.known_arguments()
        if words[:1] == ("export",):
            yield from (word.partition("=")[0] for word in words[1:])


def _loads_modules(case: Case, group: Sequence[GoCommand]) -> bool:
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


# --- who would miss them?


def check_readers(
    case: Case, stages: Sequence[Stage], users: Mapping[int, object], mounts: Collection[CacheMount]
) -> None:
    """Raises Refused where something other than the RUNs that get the mounts (`users`, by offset) reads a cache."""
    targets = {mount.target for mount in mounts}
    module_cache = next((target for target in targets if target.endswith("/mod")), None)
    for instruction in case.dockerfile.instructions:
        _check_other_stages(case, instruction, stages, targets)
    first = min(users)
    for instruction, script in (run for stage in stages for run in case.runs(stage)):
        text = script.source.text
        if MOVES_CACHES.search(text):
            raise Refused(instruction.span, "`go env -w` says where go keeps its caches", "say it with ENV")
        if instruction.span.start in users or _only_removes(script):
            continue
        if module_cache and (module_cache in text or READS_MODULES.search(text)):
            raise Refused(instruction.span, "a command reads files out of the module cache")
        name = _unknown_command(script)
        if name and instruction.span.start > first:
            raise Refused(
                instruction.span,
                f"whether `{name}` runs go can't be seen",
                "mount the caches on this RUN and on the go commands yourself",
                "without the mounts it would not find the modules",
            )


def _check_other_stages(
    case: Case, instruction: Instruction, stages: Sequence[Stage], targets: Collection[str]
) -> None:
    if instruction.keyword == "COPY" and _is_one_of(case, instruction.flag_value("from"), stages):
        sources = [word.text for word in instruction.sources]
        if any(_holds(source, target) for source in sources for target in targets):
            raise Refused(instruction.span, "a stage copies files out of a cache")
    for flag in instruction.flags:
        options = mount_options(flag.value or "") if flag.name == "mount" else {}
        if _is_one_of(case, options.get("from"), stages):
            source = options.get("source") or options.get("src") or ""
            if "pkg/mod" in instruction.value or any(source and _holds(source, target) for target in targets):
                raise Refused(instruction.span, "a stage mounts files out of a cache")


def _is_one_of(case: Case, name: str | None, stages: Sequence[Stage]) -> bool:
    found = case.dockerfile.stage_named(name) if name else None
    return found is not None and any(found.index == stage.index for stage in stages)


def _holds(source: str, target: str) -> bool:
    """Does a copied path lie in a cache, or hold one? /root is copied for other things than the build cache."""
    path = posixpath.normpath("/" + source.lstrip("/"))
    if path == target or path.startswith(target + "/"):
        return True
    is_home = target.endswith("go-build") and path != posixpath.dirname(target)
    return not is_home and is_below(target, path)


def _only_removes(script: Script) -> bool:
    """Nothing but `rm` and `go clean`: without the mounts they find nothing."""
    words = [command.inner().known_arguments() for command in script.commands]
    return script.is_plain and all(w[:1] == ("rm",) or w[:2] == ("go", "clean") for w in words)


def _unknown_command(script: Script) -> str:
    """A command of which it can't be seen whether it runs go; empty where there is none."""
    for command in script.commands:
        words = command.inner().known_arguments()
        name = posixpath.basename(words[0]) if words else ""
        if name == "go" and words[1:2] and words[1] in VERBS_WITHOUT_MODULES:
            continue
        if name and name not in COMMANDS_WITHOUT_GO:
            return words[0]
    return "the script" if script.problem is not None or len(script.parts) != len(script.commands) else ""


# --- what empties them?


def emptying_commands(
    case: Case, stage: Stage, instruction: Instruction, targets: Collection[str]
) -> tuple[ShellCommand, ...]:
    """The commands of a RUN that empty a mounted cache. Raises Refused where one does, or may do, more than that."""
    state = case.state(instruction)
    found: list[ShellCommand] = []
    for run in run_commands(case, stage, instruction, case.script(instruction)):
        command = run.command
        inner = command.inner()
        if run.is_made:
            if clears(command, targets) or _cleans(inner.known_arguments()):
                raise Refused(instruction.span, "the Makefile empties a cache", "take that out of the Makefile")
            continue
        words = inner.known_arguments()
        if _cleans(words):
            found.append(command)
        elif posixpath.basename(words[0] if words else "") == "rm":
            if any(word.literal is None and _may_be_cache(word.text, state, targets) for word in inner.words[1:]):
                raise Refused(instruction.span, "what `rm` removes may be a mounted cache", "take the caches out of it")
            if clears(command, targets):
                found.append(command)
    return tuple(found)


def _cleans(words: Sequence[str]) -> bool:
    return tuple(words[:2]) == ("go", "clean") and any(word.startswith(("-cache", "-modcache")) for word in words)


def _may_be_cache(text: str, state: ImageState, targets: Collection[str]) -> bool:
    """Could a computed word of an `rm` name a cache or a folder that holds one?"""
    path = state.expand(text.strip('"')) if "`" not in text and "$(" not in text else None
    fixed = re.split(r"[*?\[]", path)[0].rstrip("/") if path is not None else ""
    if not fixed:
        return True
    return any(target.startswith(fixed) or (fixed + "/").startswith(target + "/") for target in targets)
