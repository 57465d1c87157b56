"""RUNs that only install: packages of the system by their names, tools that npm brings for the whole system."""

from __future__ import annotations

import re
from typing import Literal

from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.node.install import is_cache_cleaning, read_install
from dockerslim.split.packages import is_package_housekeeping, package_install

NAME = re.compile(r"@?[A-Za-z0-9][\w.+~:=@^<>-]*(?:/[\w.-]+)?(?:@[\w.^~-]+)?")
"""A name of a package, with release or version: `libpq5`, `curl=7.*` is none, `@scope/tool@2`."""
HARMLESS_REDIRECT = re.compile(r"\d?>+&?\s*(?:/dev/null|\d)")


Kind = Literal["housekeeping", "packages", "tools"]


def plain_install(instruction: Instruction, script: Script) -> Kind | None:
    """`tools` where npm installs some, else `packages`, of a RUN that does nothing but install and reads no file which
    a COPY or a bind mount brings; None where it may do more."""
    if not script.is_plain or not script.commands or instruction.json is not None:
        return None
    for flag in instruction.flags:
        kind = mount_options(flag.value or "").get("type", "bind") if flag.name == "mount" else ""
        if kind not in ("cache", "tmpfs"):
            return None
    kinds = [_kind(command) for command in script.commands]
    if None in kinds:
        return None
    return "tools" if "tools" in kinds else "packages"


def _kind(command: ShellCommand) -> Kind | None:
    if any(HARMLESS_REDIRECT.fullmatch(redirect.strip()) is None for redirect in command.inner().redirects):
        return None
    words = command.inner().known_arguments()
    if not words or any(char in word.text for word in command.inner().words for char in "$`"):
        return None
    if is_package_housekeeping(command) or is_cache_cleaning(words) or words[0] == "set":
        return "housekeeping"
    system = package_install(command)
    if system is not None:
        return "packages" if system.packages is not None and all(map(_is_name, system.packages)) else None
    tool = read_install(words)
    if tool is None or tool.program != "npm" or not tool.is_global or not tool.packages:
        return None
    return "tools" if all(map(_is_name, tool.packages)) else None


def _is_name(package: str) -> bool:
    is_scoped = package.startswith("@")
    return NAME.fullmatch(package) is not None and (is_scoped or "/" not in package) and not package.endswith(".deb")
