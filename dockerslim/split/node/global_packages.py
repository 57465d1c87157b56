"""Global installs that need nothing of a full image: data, in global_packages.toml."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

from dockerslim.split.node.install import NodeInstall


def package_name(package: str) -> str:
    """Without version: `@nestjs/cli@10` is `@nestjs/cli`."""
    return package[:1] + package[1:].partition("@")[0]


def unknown_global(install: NodeInstall) -> str:
    """The first package of the install that isn't known to install on a slim image; "" where all are."""
    return next((name for package in install.packages if (name := package_name(package)) not in _names()), "")


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    data = tomllib.loads(resources.files(__package__).joinpath("global_packages.toml").read_text(encoding="utf-8"))
    return frozenset(data["names"])
