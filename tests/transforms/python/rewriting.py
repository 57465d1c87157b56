"""Runs one transform of the Python folder over a file whose context is in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dockerslim.case import Case, Options
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import choose
from dockerslim.engine.runner import run
from dockerslim.images.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text after the transform, why it refused, and what it wants ignored."""

    text: str
    reasons: tuple[str, ...]
    ignore_lines: tuple[str, ...]


def rewrite(
    transform: str,
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    ignore: str | None = None,
    usage: Usage | None = None,
    options: Options | None = None,
) -> Rewritten:
    """The transform's work, once it is shown to parse, to keep the contract, and to be silent on a second run."""
    context = BuildContext.in_memory(files or {}, ignore)
    case = Case(Dockerfile.of_text(text), context, usage or Usage.none(), Catalogue.load(), options or Options())
    assert case.dockerfile.problem is None, case.dockerfile.problem
    transforms = choose((f"python/{transform}",)).for_languages(frozenset({"python"}))
    result = run(case, transforms)
    assert result.dropped == ()
    assert Dockerfile.of_text(result.text).problem is None
    lines = tuple(line for step in result.steps for line in step.ignore_lines)
    again = run(case.with_text(result.text).with_ignore_lines(lines), transforms)
    assert again.text == result.text, "a second run changes it again"
    return Rewritten(result.text, tuple(refusal.reason for refusal in result.refusals), lines)
