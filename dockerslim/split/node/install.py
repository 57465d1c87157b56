"""What a command line of npm, Yarn, pnpm or Bun installs."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

Program = Literal["npm", "yarn", "pnpm", "bun"]
PROGRAMS: dict[str, Program] = {"npm": "npm", "yarn": "yarn", "yarnpkg": "yarn", "pnpm": "pnpm", "bun": "bun"}

GLOBAL_OPTIONS = frozenset({"-g", "--global", "--location=global"})
FOLDER_OPTIONS = ("--prefix", "-C", "--cwd", "--dir")
CACHE_OPTIONS = ("--cache", "--cache-folder", "--cache-dir", "--store-dir")
LOCAL_SPECS = (".", "/", "~", "file:", "link:", "portal:")


@dataclass(frozen=True, slots=True)
class NodeInstall:
    """One command that installs. `options` are as written; a value that stands apart is joined by `=`."""

    program: Program
    verb: str
    """As written; "" for a bare `yarn`."""
    packages: tuple[str, ...]
    options: tuple[str, ...]
    is_global: bool
    is_update: bool = False

    @property
    def of_project(self) -> bool:
        """Does it install what package.json asks for, and nothing else?"""
        return not self.packages and not self.is_global and not self.is_update

    @property
    def is_frozen(self) -> bool:
        return self.verb in _words(self.program).frozen

    def option(self, names: Sequence[str]) -> str | None:
        """The value of the first of these options; "" for one without a value."""
        for option in self.options:
            name, _, value = option.partition("=")
            if name in names:
                return value
        return None

    @property
    def folder(self) -> str | None:
        """Another folder than the current one, as written."""
        return self.option(FOLDER_OPTIONS)

    @property
    def names_local_package(self) -> bool:
        """Does it install a folder or a file of this image?"""
        return any(package.startswith(LOCAL_SPECS) for package in self.packages)

    @property
    def omits_development(self) -> bool:
        """Are development dependencies left out by an option?"""
        values = [option.partition("=") for option in self.options]
        return (
            any(
                (name in ("--production", "--prod", "-P") and value != "false")
                or (name == "--only" and value.startswith("prod"))
                or (name == "--omit" and value == "dev")
                for name, _, value in values
            )
            and self.option(("--include",)) != "dev"
        )

    @property
    def takes_frozen_options(self) -> bool:
        """Would `npm ci` with the same options make the same tree?"""
        return all(option.partition("=")[0] in carried_options() for option in self.options)


@dataclass(frozen=True, slots=True)
class _Words:
    install: frozenset[str]
    frozen: frozenset[str]
    update: frozenset[str]
    valued: frozenset[str]
    cache_off: frozenset[str] = frozenset()


def read_install(words: Sequence[str]) -> NodeInstall | None:
    """The install that a command line makes; None where it makes none. `words[0]` is the program."""
    program = PROGRAMS.get(words[0].rsplit("/", 1)[-1]) if words else None
    if program is None:
        return None
    known = _words(program)
    plain: list[str] = []
    options: list[str] = []
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            plain.append(word)
        elif word in known.valued and rest:
            options.append(f"{word}={rest.pop(0)}")
        else:
            options.append(word)
    if {"--help", "-h", "--version", "-v"} & set(options):
        return None
    is_global = bool(GLOBAL_OPTIONS & set(options))
    if program == "yarn" and plain[:2] == ["global", "add"]:
        return NodeInstall(program, "add", tuple(plain[2:]), tuple(options), True)
    if program == "yarn" and plain[:2] == ["workspaces", "focus"]:
        return NodeInstall(program, "workspaces focus", tuple(plain[2:]), tuple(options), False)
    if not plain:
        return NodeInstall(program, "", (), tuple(options), False) if program == "yarn" else None
    verb = plain[0]
    if verb in known.install or verb in known.frozen:
        return NodeInstall(program, verb, tuple(plain[1:]), tuple(options), is_global)
    if verb in known.update:
        return NodeInstall(program, verb, tuple(plain[1:]), tuple(options), is_global, True)
    return None


def is_cache_cleaning(words: Sequence[str]) -> bool:
    """`npm cache clean --force`, `yarn cache clean`, `pnpm store prune`, `bun pm cache rm`."""
    program = PROGRAMS.get(words[0].rsplit("/", 1)[-1]) if words else None
    plain = [word for word in words[1:] if not word.startswith("-")]
    return (
        (
            program in ("npm", "yarn")
            and plain[:1] == ["cache"]
            and plain[1:2] in (["clean"], ["clear"], ["rm"], ["verify"])
        )
        or (program == "pnpm" and plain[:2] == ["store", "prune"])
        or (program == "bun" and plain[:3] == ["pm", "cache", "rm"])
    )


def is_setting(words: Sequence[str]) -> bool:
    """A command of a package manager, or of corepack, that installs nothing and reads nothing of a project."""
    name = words[0].rsplit("/", 1)[-1] if words else ""
    if name == "corepack":
        return words[1:2] in (("enable",), ("disable",), ("prepare",), ["enable"], ["disable"], ["prepare"]) and not (
            words[1] == "prepare" and not any("@" in word for word in words[2:])
        )
    if name in ("node", "nodejs", *PROGRAMS, "npx"):
        options = set(words[1:])
        if options and options <= {"-v", "--version"}:
            return True
    plain = [word for word in words[1:] if not word.startswith("-")]
    return name in PROGRAMS and (
        plain[:1] in (["config"], ["set"], ["c"], ["version"], ["ping"], ["whoami"], ["get"])
        and plain[1:2] != ["berry"]
    )


def cache_switches(program: Program) -> frozenset[str]:
    """The options by which an install takes nothing out of the cache."""
    return _words(program).cache_off


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("commands.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _words(program: Program) -> _Words:
    return _Words(**{name: frozenset(words) for name, words in _tables()[program].items()})


@lru_cache(maxsize=1)
def carried_options() -> frozenset[str]:
    """The options of `npm install` that `npm ci` takes without a difference."""
    return frozenset(_tables()["carried"]["options"])
