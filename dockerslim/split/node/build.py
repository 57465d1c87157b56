"""Does a build command write only inside the project's folder?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.languages.node import NodeProject, build_script_outputs, resolve_command, tools
from dockerslim.languages.node.lifecycle_scripts import LIFECYCLE_SCRIPTS
from dockerslim.languages.node.package_runners import RUNNERS, ScriptRun, read_run
from dockerslim.languages.node.paths import inside, is_below

CONFIGURATIONS = (
    "webpack.config.js webpack.config.cjs webpack.config.ts rollup.config.js rollup.config.mjs rollup.config.ts"
    " vite.config.js vite.config.mjs vite.config.ts vue.config.js angular.json gulpfile.js Gruntfile.js craco.config.js"
    " esbuild.config.js tsup.config.ts next.config.js next.config.mjs next.config.ts nuxt.config.js nuxt.config.ts"
).split()
"""Where a build tool may be told to write elsewhere."""
CHECKS = frozenset(
    "eslint prettier biome oxlint stylelint svelte-check jest mocha vitest ava nyc c8 tsc-alias husky is-ci"
    " patch-package".split()
)
"""Tasks that write below the project's folder at most."""
SHELL = frozenset(
    "echo true exit sleep rm rimraf del-cli mkdir mkdirp cp mv cpx copyfiles shx touch chmod ls cat test [ set".split()
)


def writes_only_inside(project: NodeProject, words: tuple[str, ...], above: str = "") -> str:
    """ "" where a command that is no install leaves nothing outside of the project's folder; else why not.

    `above` (`..`) leads from there to the folder that counts in its place.
    """
    run = read_run((words[0].rsplit("/", 1)[-1], *words[1:]), project.manifest.scripts) if words[0] in RUNNERS else None
    if isinstance(run, ScriptRun) and run.folder is run.member is None and run.script in project.manifest.scripts:
        outputs = build_script_outputs(project, run.script)
        folder = inside(project.folder, above or ".")
        leaving = next((path for path in outputs.folders if folder is not None and not is_below(path, folder)), None)
        if leaving is not None:
            return f"it writes `{leaving}`, outside of the application's folder"
        if outputs.known:
            return ""
    command = resolve_command(project, words)
    if not command.programs:
        return command.unknown[0].text if command.unknown else "nothing is known of it"
    for argv in command.programs:
        problem = _problem(project, argv)
        if problem:
            return problem
    if command.development_tool is not None:
        return f"`{command.development_tool}` does not end"
    return ""


def lifecycle_problems(project: NodeProject) -> Iterator[tuple[str, str]]:
    """The scripts of an install that may write outside of the project's folder, and why."""
    for name in LIFECYCLE_SCRIPTS:
        if name in project.manifest.scripts:
            problem = writes_only_inside(project, ("npm", "run", name))
            if problem:
                yield name, problem


def _leaves(word: str) -> bool:
    """Does an argument, or the value of an option in it, name a place outside of the work folder?"""
    parts = re.split(r"[=:,](?!//)", word)
    return any(part.startswith("/") or ".." in part.split("/") for part in parts)


def _problem(project: NodeProject, argv: tuple[str, ...]) -> str:
    program = argv[0]
    kind = tools.classify(argv)
    if program in SHELL:
        leaves = any(word.startswith(("/", "~", "$")) or ".." in word.split("/") for word in argv[1:])
        return f"`{' '.join(argv)[:60]}` may write outside of the project" if leaves else ""
    if (
        program in CHECKS
        or tools.find_rule("lifecycle", argv) is not None
        or (program == "prisma" and argv[1:2] in (("generate",), ("validate",), ("format",)))
    ):
        return ""
    if kind != "build":
        return f"what `{program}` writes is not known"
    if any(_leaves(word) for word in argv[1:]):
        return f"`{' '.join(argv)[:60]}` may write outside of the project"
    for name in CONFIGURATIONS:
        text = project.context.read_text(f"{project.folder}/{name}" if project.folder else name)
        if text is not None and "../" in text:
            return f"`{name}` may let `{program}` write outside of the project"
    return ""
