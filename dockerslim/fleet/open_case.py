"""Opens one Dockerfile with its context and use, or says why it can't be looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dockerslim.case import Case, Options
from dockerslim.context.locate import find_context
from dockerslim.context.read_context import read_context
from dockerslim.context.usage import read_usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.images.files import is_remote

TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|^@\w+@|%%\w+%%", re.MULTILINE)
MAX_WORDS_LINE = 2_000
"""Characters of a line that are searched for signs of a template."""


@dataclass(frozen=True, slots=True)
class Rejected(Exception):
    """The file is not one that BuildKit accepts. `line` is 1-based."""

    message: str
    line: int


@dataclass(frozen=True, slots=True)
class LeftAlone(Exception):
    """A file that is seen and not touched: a template, Windows containers, another frontend. `line` is 1-based."""

    reason: str
    line: int
    help: str = ""


def open_case(data: bytes, path: Path, shown: str, options: Options, context: Path | None = None) -> Case:
    """The case of a Dockerfile's bytes. `path` need not exist (standard input); `context` is the folder that was named.

    Raises Rejected or LeftAlone.
    """
    dockerfile = Dockerfile.parse(data)
    if dockerfile.data != data:
        raise LeftAlone("the file does not print back byte for byte", 1, "report this file as a bug")
    _check_is_ours(dockerfile)
    catalogue = Catalogue.load()
    usage = read_usage(path)
    root = find_context(path, context, usage, _copy_sources(dockerfile), dockerfile.text)
    files = read_context(root, path) if root is not None else None
    case = Case(dockerfile, files, usage, catalogue, options, shown)
    _check_images(case)
    return case


def _check_is_ours(dockerfile: Dockerfile) -> None:
    template = _template_line(dockerfile)
    if template is not None:
        raise LeftAlone("a template, not a Dockerfile yet", template, "run dockerslim on what the template makes")
    if dockerfile.problem is not None:
        raise Rejected(dockerfile.problem.message, dockerfile.problem.line)
    syntax = dockerfile.directive("syntax")
    if syntax is not None and not FRONTEND.match(syntax.value):
        line = dockerfile.position(syntax.span.start).line
        raise LeftAlone(f"the frontend `{syntax.value}` may read the file in its own way", line)
    if dockerfile.escape == "`":
        escape = dockerfile.directive("escape")
        line = dockerfile.position(escape.span.start).line if escape else 1
        raise LeftAlone("the escape character is a backquote, as for Windows paths", line)


FRONTEND = re.compile(r"(docker\.io/)?docker/dockerfile([:@]|\Z)")


def _template_line(dockerfile: Dockerfile) -> int | None:
    """The line of the first sign of a template outside shell text, where BuildKit would take it for a word."""
    if dockerfile.problem is None and not any(
        TEMPLATE.search(i.value[:MAX_WORDS_LINE])
        for i in dockerfile.instructions
        if i.keyword in ("FROM", "COPY", "ADD")
    ):
        return None
    for number, line in enumerate(dockerfile.text.split("\n"), 1):
        if TEMPLATE.search(line[:MAX_WORDS_LINE]):
            return number
    return None


def _check_images(case: Case) -> None:
    for states in case.states:
        line = states.stage.from_.first_line
        platform = states.stage.from_.flag_value("platform") or ""
        image = states.final.image
        if platform.lower().startswith("windows") or (image is not None and image.is_windows):
            raise LeftAlone("Windows containers have other paths, shells and users", line)


def _copy_sources(dockerfile: Dockerfile) -> list[str]:
    sources: list[str] = []
    for instruction in dockerfile.instructions:
        if instruction.keyword in ("COPY", "ADD") and not instruction.flag("from") and not instruction.heredocs:
            sources.extend(
                word.text for word in instruction.sources if "$" not in word.text and not is_remote(word.text)
            )
    return sources
