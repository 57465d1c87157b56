"""RUNs that only install: packages of the system by their names, tools that npm brings for the whole system."""

from __future__ import annotations

import re

from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.node.install import is_cache_cleaning, read_install
from dockerslim.split.packages import is_package_housekeeping, package_install

NAME = re.compile(r"@?[A-Za-z0-9][\w.+~:=@^<>-]*(?:/[\w.-]+)?(?:@[\w.^~-]+)?")
"""A name of a package, with release or version: `libpq5`, `curl=7.*` is none, `@scope/tool@2`."""
HARMLESS_REDIRECT = re.compile(r"\d?>+&?\s*(?:/dev/null|\d)")


def only_installs(instruction: Instruction, script: Script) -> bool:
    """Does the RUN do nothing else, and read no file that a COPY or a bind mount brings?"""
    if not script.is_plain or not script.commands or instruction.json is not None:
        return False
    for flag in instruction.flags:
        kind = mount_options(flag.value or "").get("type", "bind") if flag.name == "mount" else ""
        if kind not in ("cache", "tmpfs"):
            return False
    return all(_installs(command) for command in script.commands)


def _installs(command: ShellCommand) -> bool:
    if any(HARMLESS_REDIRECT.fullmatch(redirect.strip()) is None for redirect in command.inner().redirects):
        return False
    words = command.inner().known_arguments()
    if not words or any(char in word.text for word in command.inner().words for char in "$`"):
        return False
    if is_package_housekeeping(command) or is_cache_cleaning(words) or words[0] == "set":
        return True
    system = package_install(command)
    if system is not None:
        return system.packages is not None and all(_is_name(package) for package in system.packages)
    tool = read_install(words)
    if tool is None or tool.program != "npm" or not tool.is_global:
        return False
    return bool(tool.packages) and all(_is_name(package) for package in tool.packages)


def _is_name(package: str) -> bool:
    is_scoped = package.startswith("@")
    return NAME.fullmatch(package) is not None and (is_scoped or "/" not in package) and not package.endswith(".deb")
