"""Keep what pip and the other installers download between builds.

What it does: mounts the cache of pip, uv, Poetry, pipenv and PDM on each RUN that installs with them, and takes out
what would turn the cache off or empty it there (`--no-cache-dir`, `pip cache purge`, `rm -rf ~/.cache/pip`).
Why: after a change of the requirements only what is new is downloaded and built; the cache is not in the image.
Left alone: a cache that the author keeps elsewhere; a RUN whose user is not known.
Refused: `PIP_NO_CACHE_DIR` in the environment, where any value turns the cache off; a command that removes the cache
together with other things; a RUN whose comment speaks of what would be taken out.
Safety: safe. An install works with any contents of a cache.
Sources: https://docs.docker.com/reference/dockerfile/#run---mounttypecache,
https://pip.pypa.io/en/stable/topics/caching/, https://docs.astral.sh/uv/guides/integration/docker/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerslim.dockerfile import Edit, Instruction, Span
from dockerslim.dockerfile.shell import Script
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.state import ImageState
from dockerslim.split.authors_comments import command_name, comment_that_names
from dockerslim.split.cache_mounts import CacheMount, missing_mounts, mount_edit, without
from dockerslim.split.python.cache_removal import find_removals
from dockerslim.split.python.caches import (
    InstallerCommand,
    cache_mounts,
    installer_commands,
    turned_off,
)
from dockerslim.split.word_removal import without_words

OUTDATED = "take out `{}` and its comment: with a cache mount nothing of the cache is in the image"

BEFORE = "FROM python:3.12-slim\nCOPY requirements.txt .\nRUN {}\n"
AFTER = BEFORE.replace("RUN ", "RUN --mount=type=cache,target=/root/.cache/{} \\\n    ")

transform = Transform(
    id="add-cache-mounts",
    title="Keep the installers' caches between builds",
    languages=frozenset({"python"}),
    after=frozenset({"copy-dependencies-first", "split-stages", "replace-runtime-image"}),
    examples=(
        Example(
            "pip with its cache turned off",
            BEFORE.format("pip install --no-cache-dir -r requirements.txt"),
            AFTER.format("pip", "pip install -r requirements.txt"),
        ),
        Example("uv", BEFORE.format("uv sync --locked"), AFTER.format("uv", "UV_LINK_MODE=copy uv sync --locked")),
        Example(
            "a cache that is emptied",
            BEFORE.format("pip install -r requirements.txt && rm -rf ~/.cache/pip"),
            AFTER.format("pip", "pip install -r requirements.txt"),
        ),
        Unchanged(
            "turned off by the environment",
            "FROM python:3.12-slim\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask\n",
            reason="`PIP_NO_CACHE_DIR` turns the cache off",
        ),
        Unchanged(
            "has its mount",
            "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n",
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        image = case.states[stage.index].final.image
        if image is not None and image.is_windows:
            continue
        for instruction, script in case.runs(stage):
            yield from _plan_run(case, instruction, script)


def _plan_run(case: Case, instruction: Instruction, script: Script) -> Iterator[Fix | Skip]:
    state = case.state(instruction)
    commands = [c for c in installer_commands(script) if c.downloads and not _has_other_place(c)]
    if not commands:
        return
    wanted: dict[str, CacheMount] = {}
    for command in commands:
        off = turned_off(command.installer, state)
        if off:
            yield Skip(
                instruction.span,
                f"`{off}` turns the cache off",
                help=f"take `{off}` out: with a cache mount nothing of the cache is in the image",
            )
            return
        mounts = cache_mounts(command.installer, state)
        if mounts is None:
            return
        wanted.update((mount.target, mount) for mount in mounts)
    edits = _edits(case, instruction, script, state, commands, tuple(wanted.values()))
    if isinstance(edits, Skip):
        yield edits
    elif edits:
        yield Fix(edits, why="what was downloaded once is not downloaded again", place=instruction.span)


def _has_other_place(command: InstallerCommand) -> bool:
    """A cache of the author's own, or that of another user."""
    names = {name for name, _ in command.command.inner().assignments}
    own = {command.installer.variable, *command.installer.off_variables}
    is_sudo = any(word.literal == "sudo" for word in command.command.words[:1])
    return command.has_own_cache or is_sudo or bool(names & own)


def _edits(
    case: Case,
    instruction: Instruction,
    script: Script,
    state: ImageState,
    commands: Sequence[InstallerCommand],
    wanted: Sequence[CacheMount],
) -> tuple[Edit, ...] | Skip:
    missing = missing_mounts(instruction, state, wanted)
    switches = [word for command in commands for word in command.switches]
    removals = find_removals(script, state, [mount.target for mount in wanted])
    if removals is None or (len(script.parts) != len(script.commands) and ".cache" in script.source.text):
        return Skip(
            instruction.span,
            "the command removes the cache together with other things",
            help="take the removal of the cache out: with a cache mount nothing of it is in the image",
        )
    if instruction.json is not None and (switches or removals):
        return ()
    emptying = [c.command for c in installer_commands(script) if c.clears]
    whole = [*emptying, *(removal.command for removal in removals if removal.is_whole)]
    taken_out = without(script, whole)
    if taken_out is None:
        return ()
    edits = [*taken_out]
    said = comment_that_names(
        case,
        instruction,
        [*(w.literal or w.text for w in switches), *(name for c in whole if (name := command_name(c)))],
    )
    if said is not None:
        return Skip(
            said[0], f"the comment speaks of `{said[1]}`, which would be taken out", help=OUTDATED.format(said[1])
        )
    words = [(c.command, c.switches) for c in commands if c.switches and c.command not in whole]
    words.extend((removal.command, removal.words) for removal in removals if not removal.is_whole)
    for command, unwanted in words:
        found = without_words(case.dockerfile, script, command, unwanted)
        if found is None:
            return ()
        edits.extend(found)
    if missing:
        settings = list(_settings(script, state, commands))
        if settings and instruction.json is not None:
            return ()
        edits = [_mount(case, instruction, missing), *settings, *edits]
    return tuple(edits)


def _settings(script: Script, state: ImageState, commands: Sequence[InstallerCommand]) -> Iterator[Edit]:
    """What an installer must be told so that it takes files out of a mount."""
    for command in commands:
        name = command.installer.setting.partition("=")[0]
        assigned = {key for key, _ in command.command.inner().assignments}
        if name and name not in state.env and name not in state.arguments and name not in assigned:
            place = script.span(command.command.start, command.command.end).start
            yield Edit(Span(place, place), f"{command.installer.setting} ")


def _mount(case: Case, instruction: Instruction, missing: Sequence[CacheMount]) -> Edit:
    if not instruction.heredocs:
        return mount_edit(case.dockerfile, instruction, missing)
    # A heredoc's marker stays on the first line.
    place = instruction.arguments_span.start
    return Edit(Span(place, place), "".join(f"{mount.option} " for mount in missing))
