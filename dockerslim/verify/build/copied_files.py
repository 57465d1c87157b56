"""Which files of the build context end up in the stages that a build needs."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.files import context_source, is_remote


def built_stages(case: Case, target: str | None = None) -> tuple[Stage, ...]:
    """The stages that a build of `target` (None: the last one) runs, in the order of the file."""
    dockerfile = case.dockerfile
    first = dockerfile.stage_named(target) if target else None
    waiting = [first or dockerfile.final_stage]
    needed: dict[int, Stage] = {}
    while waiting:
        stage = waiting.pop()
        if stage.index in needed:
            continue
        needed[stage.index] = stage
        below = case.states[stage.index].base_stage
        named = (dockerfile.stage_named(name, stage.index) for name in _stages_read(stage))
        waiting.extend(other for other in (below, *named) if other is not None)
    return tuple(needed[index] for index in sorted(needed))


def _stages_read(stage: Stage) -> Iterator[str]:
    for instruction in stage.instructions:
        name = instruction.flag_value("from")
        if name:
            yield name
        for mount in _mounts(instruction):
            if mount.get("from"):
                yield mount["from"]


def copied_files(case: Case, target: str | None = None) -> dict[str, Instruction]:
    """The context's files that a COPY or ADD copies or a RUN mounts, each with the first instruction that does.

    Sorted by path. Files that the ignore file hides are never among them.
    """
    context = case.context
    if context is None:
        return {}
    found: dict[str, Instruction] = {}
    for stage in built_stages(case, target):
        for instruction, source in _sources(case, stage):
            for path in _files_of(case, source):
                found.setdefault(path, instruction)
    return dict(sorted(found.items()))


def _sources(case: Case, stage: Stage) -> Iterator[tuple[Instruction, str]]:
    """The paths of the context that a stage's instructions name; "" is the root."""
    files = case.files(stage)
    for placement in files.placements:
        if placement.stage is None:
            yield placement.instruction, placement.source
    for instruction in files.unknown:
        # Where it lands can't be told, what it copies can.
        if instruction.flag("from") is None and not instruction.heredocs:
            yield from (
                (instruction, context_source(word.text)) for word in instruction.sources if _is_plain(word.text)
            )
    for instruction in stage.all("RUN"):
        for mount in _mounts(instruction):
            if mount.get("type", "bind") == "bind" and not mount.get("from"):
                yield instruction, context_source(mount.get("source") or mount.get("src") or "")


def _is_plain(source: str) -> bool:
    return "$" not in source and not is_remote(source)


def _files_of(case: Case, source: str) -> tuple[str, ...]:
    context = case.context
    if context is None:
        return ()
    if context.is_file(source):
        return (source,)
    if any(character in source for character in "*?["):
        return context.glob(source)
    return context.under(source)


def _mounts(instruction: Instruction) -> Iterator[dict[str, str]]:
    """The options of each `--mount` of a RUN."""
    if instruction.keyword != "RUN":
        return
    for flag in instruction.flags:
        if flag.name == "mount":
            pairs = (part.partition("=") for part in (flag.value or "").split(","))
            yield {key.strip().lower(): value for key, _, value in pairs}
