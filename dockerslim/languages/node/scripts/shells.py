"""Commands of a shell: each of them is to be followed."""

from __future__ import annotations

from dataclasses import replace

from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.script_text import ScriptText, parse_script
from dockerslim.languages.node.scripts.resolution import Resolution, Step


def follow_shell(resolution: Resolution, step: Step, words: list[str]) -> None:
    """`sh -c text`; a script file is not read."""
    resolution.uses_shell = True
    for index, word in enumerate(words[1:], start=1):
        if word.startswith("-") and word.endswith("c") and not word.startswith("--"):
            if index + 1 < len(words):
                follow_text(resolution, words[index + 1], step)
            return
        if not word.startswith("-"):
            break
    resolution.programs.append(tuple(words))
    resolution.give_up(step, f"`{' '.join(words)[:60]}` is a shell script")


def follow_text(resolution: Resolution, text: str, step: Step, extra: tuple[str, ...] = ()) -> None:
    """Shell text; the last of its commands gets the words `extra` besides."""
    resolution.uses_shell = True
    script = parse_script(text)
    resolution.features.update(dict.fromkeys(script.features))
    if script.problem is not None or not script.commands:
        resolution.give_up(step, script.problem or "the script is empty")
        return
    follow_commands(resolution, script, step, extra)


def follow_commands(resolution: Resolution, script: ScriptText, step: Step, extra: tuple[str, ...]) -> None:
    """Each of the commands, in the folder that those before it have gone to; the last gets the words `extra`."""
    steps: list[Step] = []
    folder: str | None = step.folder
    manifest = step.manifest
    for index, command in enumerate(script.commands):
        resolution.environment.update(dict.fromkeys(command.environment))
        words = command.words + (extra if index == len(script.commands) - 1 else ())
        if words[:1] == ("cd",):
            folder = inside(folder, words[1]) if folder is not None and len(words) == 2 else None
            below = read_manifest(resolution.project.context, folder) if folder is not None else None
            manifest = below or manifest
            continue
        if folder is None:
            resolution.give_up(step, "`cd` leads out of the context")
            return
        if words:
            steps.append(
                replace(
                    step,
                    argv=words,
                    folder=folder,
                    manifest=manifest,
                    in_script=True,
                    is_literal=command.is_literal,
                    depth=step.depth + 1,
                )
            )
    resolution.follow(*steps)
