"""Where Node's package managers keep what they download, for the user and the settings of a RUN."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.state import ImageState
from dockerslim.languages.node import NodeProject
from dockerslim.languages.node.bun_settings import read_bun_settings
from dockerslim.split.cache_mounts import CacheMount, home_cache
from dockerslim.split.node.install import CACHE_OPTIONS, Program
from dockerslim.split.node.stage import InstallCommand

VARIABLES: dict[Program, tuple[str, ...]] = {
    "npm": ("npm_config_cache", "NPM_CONFIG_CACHE"),
    "yarn": ("YARN_CACHE_FOLDER",),
    "pnpm": ("npm_config_store_dir", "NPM_CONFIG_STORE_DIR", "pnpm_config_store_dir"),
    "bun": ("BUN_INSTALL_CACHE_DIR",),
}
"""Variables that name the cache's folder."""
SETTINGS = {
    "npm": ("cache",),
    "yarn": ("cache-folder", "yarn-offline-mirror"),
    "pnpm": ("store-dir",),
    "bun": ("cache",),
}
"""Keys of rc files that do."""
RC_FILES = {
    "npm": (".npmrc",),
    "yarn": (".yarnrc", ".npmrc"),
    "pnpm": (".npmrc", "pnpm-workspace.yaml"),
}


def cache_of(case: Case, stage: Stage, command: InstallCommand, project: NodeProject | None) -> CacheMount | None:
    """The mount for an install; None where the author put the cache elsewhere, or it isn't known where it lies."""
    state = case.state(command.instruction)
    install = command.install
    if install.option(CACHE_OPTIONS) is not None or _is_set_in_script(case, stage, command):
        return None
    if project is not None and _is_set_in_project(project, install.program):
        return None
    for name in VARIABLES[install.program]:
        value = state.env.get(name, state.arguments.get(name))
        if name in state.env or name in state.arguments:
            return _at(state, value)
    if install.program == "npm":
        return home_cache(state, ".npm")
    if install.program == "bun":
        return _bun(state)
    if state.is_root is not True or state.home != "/root":
        return None  # more than the last folder may be missing, and BuildKit would make it root's
    if install.program == "yarn":
        return _yarn(project)
    home = state.env.get("PNPM_HOME")
    return CacheMount(posixpath.join(home, "store") if home else "/root/.local/share/pnpm/store")


def _at(state: ImageState, folder: str | None) -> CacheMount | None:
    if folder is None or not folder.startswith("/") or state.uid is None or folder.startswith("/tmp"):
        return None
    return CacheMount(posixpath.normpath(folder), uid=state.uid[0], gid=state.uid[1])


def _bun(state: ImageState) -> CacheMount | None:
    """Its parents may be missing and become root's, which a stage that only installs does not mind."""
    if "BUN_INSTALL" in state.env:
        home = state.env["BUN_INSTALL"]
        return _at(state, posixpath.join(home, "install/cache") if home else None)
    return None if "XDG_CACHE_HOME" in state.env else home_cache(state, ".bun/install/cache")


def _yarn(project: NodeProject | None) -> CacheMount | None:
    """Yarn 2 and later may run the program out of its cache, unless it makes a node_modules."""
    if project is None or project.manager != "yarn-berry":
        # Two builds at once would write into the classic cache without a lock.
        return CacheMount("/usr/local/share/.cache/yarn/v6", sharing="locked")
    path = posixpath.join(project.folder, ".yarnrc.yml") if project.folder else ".yarnrc.yml"
    settings = project.context.read_text(path) or ""
    lines = [line.strip().replace('"', "").replace("'", "") for line in settings.split("\n")]
    if "nodeLinker: node-modules" not in lines or any(
        line.startswith(("cacheFolder:", "globalFolder:")) for line in lines
    ):
        return None
    return CacheMount("/root/.yarn/berry/cache")


def _is_set_in_project(project: NodeProject, program: Program) -> bool:
    if program == "bun":
        settings = read_bun_settings(project.context, project.folder)
        return settings.sets_cache or bool(settings.problem)
    for name in RC_FILES[program]:
        text = project.context.read_text(posixpath.join(project.folder, name) if project.folder else name) or ""
        for line in text.split("\n"):
            key = line.replace("=", " ").replace(":", " ").split()
            if key and key[0].strip("\"'") in SETTINGS[program]:
                return True
    return False


def _is_set_in_script(case: Case, stage: Stage, command: InstallCommand) -> bool:
    """Is the folder set for this command, or by a `config set` in a RUN above?"""
    names = {name.lower() for name in VARIABLES[command.install.program]} | {"home", "xdg_cache_home", "bun_install"}
    if any(name.lower() in names for name, _ in command.command.inner().assignments):
        return True
    return any(
        _sets(words, names, SETTINGS[command.install.program])
        for instruction, script in case.runs(stage)
        if instruction.span.start <= command.instruction.span.start
        for words in (other.inner().known_arguments() for other in script.commands)
    )


def _sets(words: tuple[str, ...], names: set[str], keys: tuple[str, ...]) -> bool:
    if words[:1] == ("export",):
        return any(word.partition("=")[0].lower() in names for word in words[1:])
    rest = [word for word in words[1:] if not word.startswith("-")]
    if rest[:2] in (["config", "set"], ["c", "set"]):
        rest = rest[1:]
    is_setting = rest[:1] == ["set"] and words[:1] in (("npm",), ("yarn",), ("pnpm",))
    return is_setting and any(word.partition("=")[0] in keys for word in rest[1:])
