"""The variables that a runtime stage may lose with its base."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

from dockerslim.images.image import Image


def toolchain_environment(image: Image | None) -> frozenset[str]:
    """Names of the variables by which the image describes its own toolchain."""
    return _data().get(image.family, frozenset()) if image is not None else frozenset()


@lru_cache(maxsize=1)
def _data() -> dict[str, frozenset[str]]:
    text = resources.files(__package__).joinpath("toolchain.toml").read_text(encoding="utf-8")
    return {family: frozenset(names) for family, names in tomllib.loads(text).items()}
