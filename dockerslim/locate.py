"""Finds the folders that travel with the package: inside it in a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def catalogue_folder(name: str) -> Path:
    """The folder `transforms` or `templates`. Raises FileNotFoundError for a broken installation."""
    for folder in (PACKAGE / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the installation lacks its folder {name!r}")
