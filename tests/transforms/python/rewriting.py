"""Runs one transform of the Python folder over a file whose context is in memory."""

from __future__ import annotations

from collections.abc import Mapping

from dockerslim.case import Options
from dockerslim.context.usage import Usage
from tests.transforms.rewriting import NO_OPTIONS, rewrite_alone
from tests.transforms.rewriting import OneTransform as Rewritten

__all__ = ["Rewritten", "rewrite"]


def rewrite(
    transform: str,
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    ignore: str | None = None,
    usage: Usage | None = None,
    options: Options | None = None,
) -> Rewritten:
    """What one of the Python transforms makes of a text."""
    return rewrite_alone(f"python/{transform}", text, files, ignore=ignore, usage=usage, options=options or NO_OPTIONS)
