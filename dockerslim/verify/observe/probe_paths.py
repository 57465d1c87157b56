"""The table of paths that are asked without anyone naming them, and of words in links that are never followed."""

from __future__ import annotations

import tomllib
from importlib import resources

_TABLE = tomllib.loads(resources.files(__package__).joinpath("probe_paths.toml").read_text(encoding="utf-8"))

HEALTH_PATHS: tuple[str, ...] = tuple(_TABLE["health"])
FORBIDDEN_WORDS: tuple[str, ...] = tuple(_TABLE["forbidden"])
