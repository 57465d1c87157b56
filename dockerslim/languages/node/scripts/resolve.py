"""Follows a start command, one command after another, to what it runs in the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerslim.languages.node import tools
from dockerslim.languages.node.command import Command
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.languages.node.package_runners import RUNNERS
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.script_text import is_assignment
from dockerslim.languages.node.scripts.package_managers import is_for_bun_itself, run_package_manager
from dockerslim.languages.node.scripts.programs import run_program
from dockerslim.languages.node.scripts.resolution import Resolution, Step
from dockerslim.languages.node.scripts.shells import follow_shell, follow_text
from dockerslim.languages.node.scripts.start_scripts import follow_start_script
from dockerslim.languages.node.scripts.wrappers import follow_concurrently, follow_script_list, follow_wrapped
from dockerslim.languages.node.start_script import ScriptFinder, no_scripts

OPTIONS = "NODE_OPTIONS"
_OPTION = re.compile(r'(?:"[^"]*"|[^\s"])+')
_STEP_LIMIT = 300
_DEPTH_LIMIT = 24


def resolve_command(
    project: NodeProject, argv: Sequence[str], options: Sequence[str] = (), find_script: ScriptFinder = no_scripts
) -> Command:
    """What an exec-form command (or `["sh", "-c", text]`) runs, with the project's folder as work folder.

    `options` are the words of NODE_OPTIONS, which every node takes; `find_script` knows the shell scripts that can be
    started.
    """
    resolution = Resolution(project, find_script)
    resolution.follow(Step(tuple(argv), project.folder, project.manifest))
    steps = 0
    while (step := resolution.next_step()) is not None:
        steps += 1
        if steps > _STEP_LIMIT or step.depth > _DEPTH_LIMIT:
            resolution.give_up(step, "the scripts call each other without an end")
            break
        _follow(resolution, step)
    values = [value for name, value in resolution.environment if name == OPTIONS]
    for words in (options, *(words_of_options(value) for value in values)):
        for preload in read_node_arguments(words).preloads:
            resolution.add_preload(preload, project.folder)
    return resolution.command()


def words_of_options(value: str) -> list[str]:
    """The options in a value of NODE_OPTIONS; a word with a blank stands in double quotes there."""
    return [match[0].replace('"', "") for match in _OPTION.finditer(value.strip("'"))]


def resolve_script(project: NodeProject, script: str) -> Command:
    """What one script of package.json runs, with its hooks."""
    return resolve_command(project, ("npm", "run", script))


def _follow(resolution: Resolution, step: Step) -> None:
    words = list(step.argv)
    while words and is_assignment(words[0]) and step.in_script:
        resolution.set_variable(words.pop(0))
    if not words or not words[0]:
        return
    program = _program_name(words[0])
    argv = (program, *words[1:])
    wrapper = tools.wrapper(program) if _is_installed(words[0]) else None
    if follow_start_script(resolution, step, words):
        return
    if tools.is_shell(program):
        follow_shell(resolution, step, words)
    elif wrapper is not None:
        follow_wrapped(resolution, step, argv, wrapper)
    elif program == "cross-env-shell":
        resolution.add_binary("cross-env-shell", step)
        rest = list(argv[1:])
        while rest and is_assignment(rest[0]):
            resolution.set_variable(rest.pop(0))
        follow_text(resolution, " ".join(rest), step)
    elif program == "concurrently" or program == "conc":
        resolution.add_binary(program, step)
        follow_concurrently(resolution, argv, step)
    elif tools.is_script_list(program):
        resolution.add_binary(program, step)
        follow_script_list(resolution, argv, step)
    elif program in RUNNERS and not is_for_bun_itself(resolution, argv, step):
        run_package_manager(resolution, argv, step)
    else:
        run_program(resolution, argv, words[0], step)


def _is_installed(word: str) -> bool:
    """Is it a program by its name or in a folder for programs? `./env` is a file of the project's own."""
    return "/" not in word or word.rsplit("/", 2)[-2].endswith("bin")


def _program_name(word: str) -> str:
    """The program without its folder."""
    return word.rstrip("/").rsplit("/", 1)[-1] or word
