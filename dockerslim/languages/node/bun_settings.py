"""bunfig.toml: what of it bears on an install and on a start."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.paths import inside

FILE_NAME = "bunfig.toml"
_SIZE_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class BunSettings:
    """Without the file all is as it is by default; where it can't be read, `problem` says so."""

    preloads: tuple[str, ...] = ()
    """What bun loads before the program: packages, or paths that begin with a dot."""
    sets_cache: bool = False
    """Is the folder of downloaded packages said there, or is there to be none?"""
    omits_development: bool = False
    """Does an install leave development dependencies out?"""
    problem: str = ""


def read_bun_settings(context: BuildContext, folder: str) -> BunSettings:
    """The settings of the project in a folder of the context."""
    path = inside(folder, FILE_NAME)
    if path is None or not context.is_file(path):
        return BunSettings()
    text = context.read_text(path)
    if text is None or len(text) > _SIZE_LIMIT:
        return BunSettings(problem=f"{path} can't be read")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return BunSettings(problem=f"{path} can't be read")
    install = json_text.object_of(data.get("install"))
    return BunSettings(
        _texts(data.get("preload")),
        _sets_cache(install),
        install.get("production") is True or install.get("dev") is False,
    )


def _texts(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else json_text.texts_of(value)


def _sets_cache(install: Mapping[str, object]) -> bool:
    cache = install.get("cache")
    return isinstance(cache, (str, bool)) or not {"dir", "disable"}.isdisjoint(json_text.object_of(cache))
