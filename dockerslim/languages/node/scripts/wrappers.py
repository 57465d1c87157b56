"""Programs that run other commands: `cross-env`, `gosu` and their like, and those that run several scripts."""

from __future__ import annotations

from dataclasses import replace

from dockerslim.languages.node import tools
from dockerslim.languages.node.script_lists import matching_scripts, read_concurrently
from dockerslim.languages.node.script_text import is_assignment
from dockerslim.languages.node.scripts.resolution import Resolution, Step


def follow_wrapped(resolution: Resolution, step: Step, argv: tuple[str, ...], wrapper: tools.Wrapper) -> None:
    """The command behind a wrapper's own words."""
    if tools.is_node_wrapper(argv[0]):
        resolution.add_binary(argv[0], step)
    rest = list(argv[1:])
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--":
            break
        if word in wrapper.options_with_value and rest:
            rest.pop(0)
    if wrapper.subcommand is not None and rest[:1] == [wrapper.subcommand]:
        rest.pop(0)
        while rest and rest[0].startswith("-"):
            word = rest.pop(0)
            if word in wrapper.options_with_value and rest:
                rest.pop(0)
    del rest[: wrapper.positional]
    while wrapper.assignments and rest and is_assignment(rest[0]):
        resolution.set_variable(rest.pop(0))
    if rest[:1] == ["--"]:
        rest.pop(0)
    if argv[0] == "env-cmd" and rest and "/" not in rest[0] and rest[0].startswith("."):
        rest.pop(0)  # the older `env-cmd .env command`
    if rest:
        resolution.follow(replace(step, argv=tuple(rest), depth=step.depth + 1))
    else:
        resolution.give_up(step, f"`{argv[0]}` runs nothing")


def follow_concurrently(resolution: Resolution, argv: tuple[str, ...], step: Step) -> None:
    """`concurrently "npm:build:*" "node server.js"`"""
    steps: list[Step] = []
    for text in read_concurrently(argv[1:]):
        if text.startswith(("npm:", "yarn:", "pnpm:", "bun:")):
            runner, _, pattern = text.partition(":")
            names = matching_scripts(pattern.split(" ")[0], tuple(step.manifest.scripts))
            steps += [replace(step, argv=(runner, "run", name), depth=step.depth + 1) for name in names]
            if not names:
                resolution.give_up(step, f"there is no script `{pattern}`")
        else:
            steps.append(replace(step, argv=("sh", "-c", text), depth=step.depth + 1))
    resolution.follow(*steps)


def follow_script_list(resolution: Resolution, argv: tuple[str, ...], step: Step) -> None:
    """`run-s clean build:* start`"""
    steps: list[Step] = []
    for word in argv[1:]:
        if word == "--":
            break
        if word.startswith("-"):
            continue
        names = matching_scripts(word.split(" ")[0], tuple(step.manifest.scripts))
        if not names:
            resolution.give_up(step, f"there is no script `{word}`")
        steps += [replace(step, argv=("npm", "run", name), depth=step.depth + 1) for name in names]
    resolution.follow(*steps)
