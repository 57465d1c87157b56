"""Where Yarn 2 and later keeps the packages: node_modules, or zip files that the project or the user's home holds."""

from __future__ import annotations

import re
from typing import Literal

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.paths import inside

Linker = Literal["node_modules", "project", "home"]
"""`project`: Plug'n'Play with everything below the project's folder; `home`: with a cache outside of it."""

FIRST_WITH_GLOBAL_CACHE = 4
_SETTING = re.compile(
    r"^(nodeLinker|enableGlobalCache|cacheFolder|globalFolder|yarnPath):[ \t]*[\"']?([^\"'\s#]+)", re.M
)
_RELEASE = re.compile(r"yarn-(\d{1,3})\.[\w.-]+\.c?js$")


def read_settings(context: BuildContext, folder: str) -> dict[str, str]:
    """The settings of .yarnrc.yml that say where things lie."""
    path = inside(folder, ".yarnrc.yml")
    text = context.read_text(path) if path is not None else None
    return {match[1]: match[2] for match in _SETTING.finditer((text or "")[:100_000])}


def yarn_linker(context: BuildContext, folder: str, manifest: Manifest) -> Linker:
    """What an install makes; `home` too where that can't be told."""
    settings = read_settings(context, folder)
    linker = settings.get("nodeLinker", "pnp")
    if linker == "node-modules":
        return "node_modules"
    if linker != "pnp" or "cacheFolder" in settings or "globalFolder" in settings:
        return "home"
    said = settings.get("enableGlobalCache")
    version = yarn_version(settings, manifest)
    is_global = said != "false" if said else version is None or version >= FIRST_WITH_GLOBAL_CACHE
    return "home" if is_global else "project"


def yarn_version(settings: dict[str, str], manifest: Manifest) -> int | None:
    """The first number of Yarn's version, by the release in the project or by `packageManager`."""
    release = _RELEASE.search(settings.get("yarnPath", ""))
    if release is not None:
        return int(release[1])
    name, _, version = (manifest.package_manager or "").partition("@")
    number = version.partition(".")[0]
    return int(number) if name == "yarn" and number.isdecimal() and len(number) < 4 else None


def brings_yarn(context: BuildContext, folder: str) -> bool:
    """Does the project hold the Yarn that any other one hands over to?"""
    path = inside(folder, read_settings(context, folder).get("yarnPath", "/"))
    return path is not None and context.is_file(path)
