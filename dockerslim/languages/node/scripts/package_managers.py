"""npm, yarn, pnpm and bun: which script or program their words run, and where."""

from __future__ import annotations

from dataclasses import replace

from dockerslim.languages.node import tools
from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.node_arguments import read_bun_arguments
from dockerslim.languages.node.package_runners import (
    BUN_TOOLS,
    InstallRun,
    ProgramRun,
    Run,
    ScriptRun,
    read_run,
    recursive_script,
)
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.scripts.programs import looks_like_file, run_program
from dockerslim.languages.node.scripts.resolution import Resolution, Step
from dockerslim.languages.node.scripts.shells import follow_text


def is_for_bun_itself(resolution: Resolution, argv: tuple[str, ...], step: Step) -> bool:
    """A file, a bundle or tests, where other words of bun name a script or a program of node_modules."""
    if argv[0] != "bun":
        return False
    if argv[1:2] and argv[1] in BUN_TOOLS:
        return True
    word = read_bun_arguments(argv[1:]).file
    if word is None or word in step.manifest.scripts:
        return False
    if looks_like_file(word) or "/" in word or word == ".":
        return True
    path = inside(step.folder, word)
    return path is not None and _is_file(resolution.project, path)


def _is_file(project: NodeProject, path: str) -> bool:
    return any(project.context.is_file(path + suffix) for suffix in ("", ".ts", ".tsx", ".js", ".mjs"))


def run_package_manager(resolution: Resolution, argv: tuple[str, ...], step: Step) -> None:
    """What a package manager is told to run is followed; an install is a build at start."""
    if argv[0] == "bun" and tools.classify(argv) == "development":
        run_program(resolution, argv, argv[0], step)
        return
    resolution.package_managers[argv[0]] = None
    everywhere = recursive_script(argv)
    run = read_run(argv, step.manifest.scripts, resolution.project.manager == "yarn-berry")
    if not step.is_literal and _is_computed(argv, run, everywhere):
        resolution.give_up(step, f"`{' '.join(argv)[:60]}` holds a variable")
        return
    if everywhere is not None and _run_in_members(resolution, everywhere, argv[0], step):
        return
    if isinstance(run, InstallRun):
        resolution.programs.append(argv)
        resolution.build = resolution.build or resolution.evidence(step, argv)
    elif isinstance(run, (ScriptRun, ProgramRun)):
        place = _place(resolution, run.folder, run.member, step)
        if place is None:
            resolution.give_up(step, f"`{' '.join(argv)[:60]}` runs in a folder that isn't known")
        elif isinstance(run, ScriptRun):
            _run_script(resolution, run, argv[0], place)
        elif run.shell_text is not None:
            follow_text(resolution, run.shell_text, place)
        elif run.argv:
            resolution.follow(replace(place, argv=run.argv, in_script=True, depth=step.depth + 1))
    else:
        resolution.programs.append(argv)
        resolution.give_up(step, f"`{' '.join(argv)[:60]}` runs no script")


def _is_computed(argv: tuple[str, ...], run: Run, everywhere: str | None) -> bool:
    """Does a variable decide what is run? In arguments such as a port it doesn't."""
    deciding = argv
    if everywhere is None and isinstance(run, ScriptRun):
        deciding = tuple(word for word in (run.script, run.folder, run.member) if word is not None)
    elif everywhere is None and isinstance(run, ProgramRun) and run.shell_text is None:
        deciding = (*run.argv[:2], *(word for word in (run.folder, run.member) if word is not None))
    return any(sign in word for word in deciding for sign in "$`")


def _run_in_members(resolution: Resolution, script: str, runner: str, step: Step) -> bool:
    """Follow a script in each member that has it; False where none does."""
    found = [(folder, read_manifest(resolution.project.context, folder)) for folder in resolution.project.workspaces]
    having = [(folder, manifest) for folder, manifest in found if manifest and script in manifest.scripts]
    for folder, manifest in having:
        _run_script(resolution, ScriptRun(script), runner, replace(step, folder=folder, manifest=manifest))
    return bool(having)


def _place(resolution: Resolution, folder: str | None, member: str | None, step: Step) -> Step | None:
    """The step, in another folder where options say so."""
    if folder is None and member is None:
        return step
    target = inside(step.folder, folder) if folder is not None else _member(resolution.project, member or "")
    manifest = read_manifest(resolution.project.context, target) if target is not None else None
    return replace(step, folder=target, manifest=manifest) if target is not None and manifest is not None else None


def _member(project: NodeProject, name: str) -> str | None:
    """The folder of a workspace, by its name or path."""
    for folder in project.workspaces:
        manifest = read_manifest(project.context, folder)
        if manifest is not None and name == manifest.name:
            return folder
    folder = inside(project.folder, name) or ""
    return folder if folder in project.workspaces else None


def _run_script(resolution: Resolution, run: ScriptRun, runner: str, step: Step) -> None:
    scripts = step.manifest.scripts
    step = replace(step, depth=step.depth + 1)
    if run.script in scripts:
        resolution.uses_shell = True
        names = (f"pre{run.script}", run.script, f"post{run.script}") if run.hooks else (run.script,)
        present = [name for name in names if name in scripts]
        resolution.scripts.update(dict.fromkeys(present))
        for name in reversed(present):  # a stack: what is put on last is followed first
            place = replace(step, evidence=step.manifest.script_evidence(name))
            follow_text(resolution, scripts[name], place, run.arguments if name == run.script else ())
    elif run.may_be_program:
        resolution.follow(replace(step, argv=(run.script, *run.arguments), in_script=True))
    elif run.script == "start" and runner in ("npm", "pnpm"):
        resolution.follow(replace(step, argv=("node", "server.js"), in_script=True))
    else:
        resolution.give_up(step, f"there is no script `{run.script}` in {step.manifest.path}")
