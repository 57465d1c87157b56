"""Runs transforms over a file whose context is in memory, and proves of each result what holds for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from dockerslim.case import Case, Options
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Mount, ServiceUse, Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.result import Result
from dockerslim.engine.runner import run
from dockerslim.engine.transform import Transform
from dockerslim.images.catalogue import Catalogue

NO_OPTIONS = Options()
UNSAFE = Options(unsafe=True)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text afterwards, why parts were refused, which fixes wait for `--unsafe`, and what is to be ignored."""

    text: str
    reasons: tuple[str, ...]
    risks: tuple[str, ...]
    ignore_lines: tuple[str, ...]

    @property
    def runtime(self) -> str:
        """The text of the last stage."""
        return self.text[self.text.rindex("\nFROM ") + 1 :]


def rewrite(
    name: str,
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    ignore: str | None = None,
    usage: Usage | None = None,
    options: Options = NO_OPTIONS,
    has_git: bool = False,
) -> Rewritten:
    """What a transform (`use-exec-form`, `go/split-stages`) makes of a text; `""` runs all of them.

    The result is shown to parse, to keep the contract and the line ends, and to be left alone by a second run.
    """
    context = replace(BuildContext.in_memory(files or {}, ignore), has_git=has_git)
    case = Case(Dockerfile.of_text(text), context, usage or Usage.none(), Catalogue.load(), options)
    assert case.dockerfile.problem is None, case.dockerfile.problem
    transforms = tuple(t for t in load() if name in ("", t.name))
    assert transforms, name
    result = run(case, transforms)
    assert result.dropped == ()
    _prove(case, result, transforms)
    return Rewritten(
        result.text,
        tuple(refusal.reason for refusal in result.refusals if not refusal.is_unsafe_fix),
        tuple(refusal.reason for refusal in result.refusals if refusal.is_unsafe_fix),
        result.ignore_lines,
    )


def _prove(case: Case, result: Result, transforms: tuple[Transform, ...]) -> None:
    after = case.with_text(result.text).with_ignore_lines(result.ignore_lines)
    assert after.dockerfile.problem is None
    assert run(after, transforms).text == result.text, "a second run changes it again"
    before = case.dockerfile.text
    if "\r\n" in before and "\n" not in before.replace("\r\n", ""):
        assert "\n" not in result.text.replace("\r\n", ""), "line ends are mixed"
    assert before.endswith("\n") == result.text.endswith("\n")
    assert before.startswith("\ufeff") == result.text.startswith("\ufeff")
    expected = _parsed_by_buildkit(result.text)
    if expected is not None:
        assert tuple(i.keyword for i in after.dockerfile.instructions) == expected


def _parsed_by_buildkit(text: str) -> tuple[str, ...] | None:
    """The keywords that BuildKit's parser reads; None where it is not installed, or older than what the text uses."""
    parser = _buildkit()
    if parser is None or "# check=" in text or not text.isascii():
        return None
    return tuple(str(command.cmd).upper() for command in parser.parse_string(text))


@lru_cache(maxsize=1)
def _buildkit() -> Any:
    try:
        import dockerfile
    except ImportError:
        return None
    return dockerfile


def service(**said: Any) -> Usage:
    """A usage by one compose service, which says this."""
    return Usage(services=(ServiceUse("compose.yml", "web", 1, Path(), **said),))


def mounts(source: str, target: str, kind: str = "bind") -> Usage:
    """A usage by one compose service, which mounts this."""
    return service(volumes=(Mount(source, target, kind, 3),))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class OneTransform:
    """What one transform made of a text: the text, why it refused, and what it wants ignored."""

    text: str
    reasons: tuple[str, ...]
    ignore_lines: tuple[str, ...]


def rewrite_alone(
    name: str,
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    ignore: str | None = None,
    usage: Usage | None = None,
    options: Options = NO_OPTIONS,
) -> OneTransform:
    """As `rewrite`, for a transform whose every refusal is a plain one."""
    got = rewrite(name, text, files, ignore=ignore, usage=usage, options=options)
    assert got.risks == ()
    return OneTransform(got.text, got.reasons, got.ignore_lines)
