"""System packages that a RUN installs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dockerslim.dockerfile.shell import Script, ShellCommand

APT = frozenset({"apt-get", "apt"})
APT_VALUED = frozenset({"-o", "-t", "--target-release", "-c", "--option", "--default-release"})
APK_VALUED = frozenset({"-t", "--virtual", "-X", "--repository", "-p", "--root", "--cache-dir", "--wait"})

PLAIN_PROGRAMS = frozenset(
    "sh [ test true false exit echo cat grep sed awk ls cp mv rm mkdir chmod chown sleep date env kill head tail sort"
    " cut tr wc uname id hostname tee find xargs dirname basename mktemp touch printf expr".split()
)
"""What Debian's and Alpine's small images have."""


@dataclass(frozen=True)
class PackageInstall:
    """One `apt-get install` or `apk add`. `virtual` is the name of apk's `--virtual` group."""

    manager: Literal["apt", "apk"]
    packages: tuple[str, ...] | None
    """None where a word is computed."""
    command: ShellCommand
    virtual: str = ""


def package_installs(script: Script) -> tuple[PackageInstall, ...]:
    found = []
    for command in script.commands:
        install = package_install(command)
        if install is not None:
            found.append(install)
    return tuple(found)


def package_install(command: ShellCommand) -> PackageInstall | None:
    inner = command.inner()
    words = inner.known_arguments()
    if not words:
        return None
    name = words[0].rsplit("/", 1)[-1]
    if name in APT:
        found = _arguments(words[1:], APT_VALUED)
        if found and found[0] == "install":
            return PackageInstall("apt", found[1:] if inner.arguments is not None else None, command)
    if name == "apk":
        found = _arguments(words[1:], APK_VALUED)
        if found and found[0] == "add":
            return PackageInstall("apk", found[1:] if inner.arguments is not None else None, command, _virtual(words))
    return None


def _arguments(words: tuple[str, ...], valued: frozenset[str]) -> tuple[str, ...]:
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in valued:
            skip = True
        elif not word.startswith("-"):
            found.append(word)
    return tuple(found)


def _virtual(words: tuple[str, ...]) -> str:
    for index, word in enumerate(words):
        if word in ("-t", "--virtual") and index + 1 < len(words):
            return words[index + 1]
        if word.startswith("--virtual="):
            return word.partition("=")[2]
    return ""


def is_package_housekeeping(command: ShellCommand) -> bool:
    """`apt-get update`, `apt-get clean`, `rm -rf /var/lib/apt/lists/*`, `apk update`: nothing that a program needs."""
    words = command.inner().known_arguments()
    if not words:
        return False
    name = words[0].rsplit("/", 1)[-1]
    if name in APT:
        found = _arguments(words[1:], APT_VALUED)
        return bool(found) and found[0] in ("update", "clean", "autoclean", "autoremove", "upgrade", "dist-upgrade")
    if name == "apk":
        found = _arguments(words[1:], APK_VALUED)
        return bool(found) and found[0] in ("update", "upgrade", "cache")
    return name == "rm" and all(word.startswith("-") or is_package_litter(word) for word in words[1:])


def is_package_litter(path: str) -> bool:
    """Lists and caches of the package managers, and what installers leave in /tmp."""
    return path.startswith(
        ("/var/lib/apt/lists", "/var/cache/apt", "/var/cache/apk", "/tmp/", "/var/tmp/", "/var/log/")
    ) or (path in ("/tmp", "/var/tmp"))
