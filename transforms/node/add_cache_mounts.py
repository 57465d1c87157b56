"""Keep what npm, Yarn, pnpm and Bun download between builds.

What it does: mounts the package manager's cache on every RUN that installs, and takes out of it what would empty it.
A tool that npm installs in the last of several stages gets a /tmp for that RUN only, too: npm keeps its own compiled
code there (since Node 22), which would go into the image.
Why: after a change of the lock file only what is new is downloaded.
Left alone: a cache that the author put elsewhere by an option, a variable of the command or a settings file; Yarn's
Plug'n'Play, which runs programs out of the cache.
Refused: a cache below the home of the user who runs the program, since an empty folder of root's may stay there; a
command that empties the cache together with other things; a RUN whose comment speaks of what would be taken out.
Safety: safe. What is installed is copied out of the cache.
Sources: https://docs.docker.com/reference/dockerfile/#run---mounttypecache, https://docs.npmjs.com/cli/commands/npm-cache,
https://nodejs.org/api/module.html#module-compile-cache
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.dockerfile.layout import add_mounts
from dockerslim.dockerfile.shell import ShellCommand, ShellWord
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.paths import overlap
from dockerslim.split.authors_comments import command_name, comment_that_names
from dockerslim.split.cache_mounts import CacheMount, clears, clears_only, missing_mounts, mounted_targets, without
from dockerslim.split.node.caches import cache_of
from dockerslim.split.node.install import cache_switches, is_cache_cleaning
from dockerslim.split.node.stage import InstallCommand, install_commands, is_node_stage, project_at
from dockerslim.split.word_removal import without_words

PACKAGE = {"package.json": '{"dependencies": {"ms": "^2.1.3"}}\n', "index.js": ""}
BEFORE = 'FROM node:20-alpine\nWORKDIR /app\nCOPY package*.json ./\nRUN {}\nCOPY . .\nCMD ["node", "index.js"]\n'
OUTDATED = "take out `{}` and its comment: with a cache mount nothing of the cache is in the image"
TEMPORARY_FILES = "--mount=type=tmpfs,target=/tmp"
FIRST_NODE_WITH_COMPILE_CACHE = (22,)
MOUNT = "--mount=type=cache,target=/root/.npm \\\n    "

transform = Transform(
    id="add-cache-mounts",
    title="Keep Node's downloaded packages between builds",
    languages=frozenset({"node"}),
    after=frozenset({"copy-dependencies-first", "split-stages", "add-user"}),
    examples=(
        Example(
            "an install that empties the cache",
            BEFORE.format("npm install --production && npm cache clean --force"),
            BEFORE.format(MOUNT + "npm install --production"),
            PACKAGE,
        ),
        Example(
            "a user of its own in a stage that is thrown away",
            "FROM node:20 AS build\nUSER node\nWORKDIR /home/node/app\nCOPY package.json ./\nRUN npm install\n\n"
            "FROM node:20-slim\nCOPY --from=build /home/node/app /app\n",
            "FROM node:20 AS build\nUSER node\nWORKDIR /home/node/app\nCOPY package.json ./\n"
            "RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 \\\n    npm install\n\n"
            "FROM node:20-slim\nCOPY --from=build /home/node/app /app\n",
            PACKAGE,
        ),
        Example(
            "a tool in the last stage",
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN yarn build\n\n"
            "FROM node:22-slim\nRUN npm install -g serve\nCOPY --from=build /app/dist /app\n"
            'CMD ["serve", "/app"]\n',
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN yarn build\n\n"
            "FROM node:22-slim\nRUN --mount=type=cache,target=/root/.npm \\\n    --mount=type=tmpfs,target=/tmp \\\n"
            "    npm install -g serve\nCOPY --from=build /app/dist /app\n"
            'CMD ["serve", "/app"]\n',
            PACKAGE,
        ),
        Unchanged("a cache of its own", BEFORE.format("npm ci --cache /tmp/npm"), context=PACKAGE),
        Unchanged(
            "the home of the user who runs it",
            "FROM node:20-alpine\nUSER node\nWORKDIR /home/node/app\nCOPY . .\nRUN npm install\n"
            'CMD ["node", "index.js"]\n',
            reason="the cache lies below the home of the user who runs the program",
            context=PACKAGE,
        ),
        Unchanged(
            "a command that empties more",
            BEFORE.format("npm ci && rm -rf /root/.npm /tmp/x"),
            reason="the command empties the cache together with other things",
            context=PACKAGE,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        if not is_node_stage(case, stage) or _fills_cache(case, stage):
            continue
        groups: dict[int, list[InstallCommand]] = {}
        for command in install_commands(case, stage):
            groups.setdefault(command.instruction.span.start, []).append(command)
        for group in groups.values():
            yield from _plan_run(case, stage, group)


def _plan_run(case: Case, stage: Stage, group: list[InstallCommand]) -> Iterator[Fix | Skip]:
    instruction = group[0].instruction
    mounts: dict[CacheMount, None] = {}
    for command in group:
        project = project_at(case, stage, command.folder, instruction) if command.folder is not None else None
        mount = cache_of(case, stage, command, project)
        if mount is None:
            return
        mounts[mount] = None
    missing = missing_mounts(instruction, case.state(instruction), mounts)
    if not missing or _is_copied_from(case, stage, missing):
        return
    refusal = _refusal(case, stage, instruction, missing)
    if refusal is not None:
        yield refusal
        return
    targets = [mount.target for mount in mounts]
    emptying = [command for command in group[0].script.commands if _empties(command, targets)]
    said = comment_that_names(
        case, instruction, (*map(command_name, emptying), *(word.text for word in _switches(group)))
    )
    if said is not None:
        yield Skip(
            said[0], f"the comment speaks of `{said[1]}`, which would be taken out", help=OUTDATED.format(said[1])
        )
        return
    removed = without(group[0].script, emptying)
    switched_on = _switched_on(case, group)
    if removed is None or switched_on is None:
        return
    options = [mount.option for mount in missing]
    if _leaves_compiled_code(case, stage, group):
        options.append(TEMPORARY_FILES)
    yield Fix(
        (add_mounts(case.dockerfile, instruction, options), *removed, *switched_on),
        why=f"{group[0].install.program} downloads only what it does not have yet",
        place=instruction.span,
    )


def _leaves_compiled_code(case: Case, stage: Stage, group: list[InstallCommand]) -> bool:
    """Does npm leave its compile cache in an image that was made small for the program?

    In the one stage of a file it matters as little as all else that lies there.
    """
    if stage.index == 0 or stage.index != len(case.dockerfile.stages) - 1:
        return False
    if not any(command.install.program == "npm" and command.install.is_global for command in group):
        return False
    instruction = group[0].instruction
    state = case.state(instruction)
    version = state.image.language_version if state.image is not None else None
    if not state.is_root or (version is not None and version < FIRST_NODE_WITH_COMPILE_CACHE):
        return False
    is_there = any(overlap(target, "/tmp") for target in mounted_targets(instruction, state))
    return not is_there and "/tmp" not in instruction.span.cut(case.dockerfile.text)


def _switches(group: list[InstallCommand]) -> Iterator[ShellWord]:
    """Options by which nothing would be read from the cache."""
    for command in group:
        switches = cache_switches(command.install.program)
        yield from (word for word in command.command.words if word.literal in switches)


def _switched_on(case: Case, group: list[InstallCommand]) -> tuple[Edit, ...] | None:
    """The edits that take out options by which nothing would be read from the cache."""
    edits: list[Edit] = []
    for command in group:
        switches = cache_switches(command.install.program)
        words = [word for word in command.command.words if word.literal in switches]
        if not words or command.instruction.json is not None:
            continue
        found = without_words(case.dockerfile, command.script, command.command, words)
        if found is None:
            return None
        edits.extend(found)
    return tuple(edits)


def _refusal(case: Case, stage: Stage, instruction: Instruction, mounts: tuple[CacheMount, ...]) -> Skip | None:
    script = case.script(instruction)
    targets = [mount.target for mount in mounts]
    if any(clears(command, targets) and not clears_only(command, targets) for command in script.commands):
        return Skip(
            instruction.span,
            "the command empties the cache together with other things",
            help="remove the cache in a command of its own",
        )
    final = case.states[stage.index].final
    is_run = stage.index == len(case.dockerfile.stages) - 1 or stage.name in {t.lower() for t in case.usage.targets}
    if is_run and final.is_root is False and final.home is not None:
        home = final.home.rstrip("/") + "/"
        if any(target.startswith(home) for target in targets):
            return Skip(
                instruction.span,
                "the cache lies below the home of the user who runs the program",
                help="install as root, above USER",
                note="a folder that this user can't write could stay behind",
            )
    return None


def _empties(command: ShellCommand, targets: list[str]) -> bool:
    return is_cache_cleaning(command.inner().known_arguments()) or clears(command, targets)


def _is_copied_from(case: Case, stage: Stage, mounts: tuple[CacheMount, ...]) -> bool:
    """Does something lay files into the cache, or take some out of it?"""
    for placement in case.files(stage).placements:
        if any(_reaches(placement.target, mount) for mount in mounts):
            return True
    return any(
        _reaches(placement.source, mount)
        for other in case.dockerfile.stages[stage.index + 1 :]
        for placement in case.files(other).placements
        if placement.stage is not None and case.dockerfile.stage_named(placement.stage, other.index) is stage
        for mount in mounts
    )


def _reaches(path: str, mount: CacheMount) -> bool:
    """Is the path within the cache or around it? The whole of an image isn't copied for its caches."""
    return path != "/" and overlap(path, mount.target)


def _fills_cache(case: Case, stage: Stage) -> bool:
    """`npm cache add`: a later command of the stage may install from the cache alone."""
    return any(
        words[:3] in (("npm", "cache", "add"), ("yarn", "cache", "add"))
        for _, script in case.runs(stage)
        for words in (command.inner().known_arguments() for command in script.commands)
    )
