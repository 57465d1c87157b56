"""Keep apt's package lists and packages between builds, in stages that are thrown away.

What it does: mounts both of apt's folders, lets apt keep its packages there, and takes out what would empty them.
Why: what was downloaded once is not downloaded again when the list of packages changes.
Left alone: the stage that becomes the image, where installing and removing the lists in one RUN is as small and works
everywhere; apk, whose gain is small.
Refused: a command that empties apt's folders together with other things; lists that a later RUN installs from.
Safety: safe. The same packages are installed, and nothing of a stage that is thrown away reaches the image but what is
copied out of it; a stage that another one copies apt's folders from is left alone.
Source: https://docs.docker.com/reference/dockerfile/#example-cache-apt-packages
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Instruction, Span, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.cache_mounts import CacheMount, clears, clears_only, missing_mounts, mount_edit, without
from dockerslim.split.packages import APT, package_install

CACHES = (
    CacheMount("/var/cache/apt", "locked"),
    CacheMount("/var/lib/apt", "locked"),
)
TARGETS = tuple(mount.target for mount in CACHES)
USES_APT = re.compile(r"(?<![\w./-])(?:/usr/bin/)?(?:apt|apt-get|aptitude)\s")
KEEP_PACKAGES = "rm -f /etc/apt/apt.conf.d/docker-clean"
"""Docker's Debian images tell apt to delete each package that it has installed."""

BEFORE = "FROM debian:bookworm AS build\nRUN apt-get update && apt-get install -y gcc{}\nCOPY a.c .\n"
RUNTIME = "RUN gcc a.c\n\nFROM debian:bookworm-slim\nCOPY --from=build /a.out /\n"
MOUNTS = (
    "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
    "    --mount=type=cache,target=/var/lib/apt,sharing=locked \\\n"
)

transform = Transform(
    id="add-cache-mounts",
    title="Keep apt's packages between builds",
    after=frozenset({"split-stages"}),
    examples=(
        Example(
            "a stage that is thrown away",
            BEFORE.format(" && rm -rf /var/lib/apt/lists/*") + RUNTIME,
            f"FROM debian:bookworm AS build\n{MOUNTS}    {KEEP_PACKAGES} && apt-get update && apt-get install -y gcc\n"
            "COPY a.c .\n" + RUNTIME,
        ),
        Unchanged(
            "the stage that becomes the image", "FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\n"
        ),
        Unchanged(
            "a command that empties more",
            BEFORE.format(" && rm -rf /var/lib/apt/lists/* /opt/x") + RUNTIME,
            reason="the command empties apt's folders together with other things",
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        if not _is_thrown_away(case, stage):
            continue
        for instruction, script in case.runs(stage):
            # Lists that an earlier RUN fetched are in its layer, and a mount would hide them.
            if not script.is_plain or not _updates_and_installs(script):
                continue
            if case.state(instruction).is_root is True:
                yield from _plan_run(case, stage, instruction, script)


def _is_thrown_away(case: Case, stage: Stage) -> bool:
    """Is the stage neither the image, nor a target, nor the base of another stage?"""
    if stage.index == len(case.dockerfile.stages) - 1:
        return False
    if {stage.name, str(stage.index)} & {target.lower() for target in case.usage.targets}:
        return False
    if any(states.base_stage is not None and states.base_stage.index == stage.index for states in case.states):
        return False
    for instruction in case.dockerfile.instructions:
        if _mounts_stage(instruction, stage) and _reads_folders(case.script(instruction).source.text):
            return False
        source = instruction.flag_value("from")
        if instruction.keyword != "COPY" or not source:
            continue
        named = case.dockerfile.stage_named(source)
        if named is not None and named.index == stage.index:
            paths = [word.text.rstrip("/") for word in instruction.sources]
            if any(
                not path or path in ("/var", "/var/lib", "/var/cache") or path.startswith(TARGETS) for path in paths
            ):
                return False
    return True


def _mounts_stage(instruction: Instruction, stage: Stage) -> bool:
    """Does a RUN see the stage's files by way of a mount?"""
    values = (flag.value or "" for flag in instruction.flags if flag.name == "mount")
    options = {option.lower() for value in values for option in value.split(",")}
    return not options.isdisjoint({f"from={stage.name}", f"from={stage.index}"})


def _reads_folders(text: str) -> bool:
    return any(target.lstrip("/") in text for target in TARGETS)


def _needs_lists(case: Case, stage: Stage, after: Instruction) -> Instruction | None:
    """A later RUN that finds the lists in the layer, where a mount would have kept them out."""
    for instruction, script in case.runs(stage):
        if instruction.span.start <= after.span.start:
            continue
        text = script.source.text
        is_own = script.is_plain and _updates_and_installs(script)
        if is_own or (USES_APT.search(text) and "update" in text.split()):
            continue
        if _reads_folders(text) and not all(clears(c, TARGETS) or _is_clean(c) for c in script.commands):
            return instruction
        if USES_APT.search(text):
            return instruction
    return None


def _updates_and_installs(script: Script) -> bool:
    words = [command.inner().known_arguments() for command in script.commands]
    updates = any(found and found[0] in APT and "update" in found[1:] for found in words)
    return updates and any(_installs(command) for command in script.commands)


def _installs(command: ShellCommand) -> bool:
    install = package_install(command)
    return install is not None and install.manager == "apt"


def _plan_run(case: Case, stage: Stage, instruction: Instruction, script: Script) -> Iterator[Fix | Skip]:
    missing = missing_mounts(instruction, case.state(instruction), CACHES)
    if not missing or instruction.json is not None or instruction.heredocs:
        return
    emptying = [c for c in script.commands if clears(c, TARGETS) or _is_clean(c)]
    if any(clears(command, TARGETS) and not clears_only(command, TARGETS) for command in emptying):
        yield Skip(
            instruction.span,
            "the command empties apt's folders together with other things",
            help="remove apt's folders in a command of its own",
        )
        return
    removed = without(script, emptying)
    if removed is None:
        return
    removes_lists = any(clears(command, TARGETS[1:]) for command in emptying)
    later = None if removes_lists else _needs_lists(case, stage, instruction)
    if later is not None:
        yield Skip(
            later.span,
            "this installs from the package lists of a RUN above, which a cache mount would keep out of the image",
            help="run `apt-get update` in the same RUN",
        )
        return
    keeps_packages = any(
        "docker-clean" in run.source.text
        for above, run in case.runs(stage)
        if above.span.start <= instruction.span.start
    )
    prefix = "" if keeps_packages else f"{KEEP_PACKAGES} && "
    edits: list[Edit] = [mount_edit(case.dockerfile, instruction, missing, prefix), *removed]
    yield Fix(tuple(_apart(edits)), why="apt downloads only what it does not have yet")


def _is_clean(command: ShellCommand) -> bool:
    words = command.inner().known_arguments()
    return bool(words) and words[0] in APT and any(word in ("clean", "autoclean", "distclean") for word in words[1:2])


def _apart(edits: list[Edit]) -> list[Edit]:
    """A first command that goes leaves its place to the mounts."""
    seen: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if seen and edit.span.start < seen[-1].span.end:
            seen[-1] = Edit(Span(seen[-1].span.start, max(seen[-1].span.end, edit.span.end)), seen[-1].text + edit.text)
        else:
            seen.append(edit)
    return seen
