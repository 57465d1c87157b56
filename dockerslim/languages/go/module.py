"""Reads go.mod and go.work as far as a Dockerfile's rewrite needs them.

The grammar is line by line: a verb with its words, or a verb with a block of lines in parentheses. What is
malformed is noted and passed over, so that one odd line doesn't cost the rest.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.languages.evidence import Evidence

_WORD = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|=>|[^\s"`(),]+|[(),]')
_LINE_LIMIT = 2_000
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class Require:
    """A module that go.mod names. `indirect`: only the dependencies need it."""

    path: str
    version: str
    indirect: bool
    line: int


@dataclass(frozen=True, slots=True)
class Replace:
    """A `replace` line. `folder` is relative to the context's root, None where it lies outside or isn't local."""

    old: str
    new_path: str
    local: bool
    folder: str | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class GoModule:
    """What a go.mod says. `go` and `toolchain` are empty where it doesn't say."""

    path: str
    go: str
    toolchain: str
    requires: tuple[Require, ...]
    replaces: tuple[Replace, ...]
    has_sum: bool
    file: str = "go.mod"
    problems: tuple[Evidence, ...] = ()
    """Lines that are malformed: the go command would refuse the file."""


@dataclass(frozen=True, slots=True)
class GoWorkspace:
    """What a go.work says. `use` are folders relative to the context's root, None for one outside of it."""

    folder: str
    go: str
    use: tuple[str | None, ...]
    replaces: tuple[Replace, ...]
    has_sum: bool
    problems: tuple[Evidence, ...] = ()

    @property
    def file(self) -> str:
        return posixpath.join(self.folder, "go.work")


@dataclass(frozen=True, slots=True)
class _Directive:
    line: int
    verb: str
    words: tuple[str, ...]
    comment: str


def parse_module(text: str, file: str = "go.mod", has_sum: bool = False) -> GoModule:
    """The text of the go.mod at `file` (relative to the context) becomes its facts; never raises."""
    folder = posixpath.dirname(file)
    path = go = toolchain = ""
    requires: list[Require] = []
    replaces: list[Replace] = []
    problems: list[Evidence] = []
    for directive in _directives(text):
        match directive.verb, directive.words:
            case "module", (name,):
                path = name
            case "go", (version,):
                go = version
            case "toolchain", (name,):
                toolchain = name
            case "require", (name, version):
                indirect = re.match(r"indirect(?:;|\s|$)", directive.comment) is not None
                requires.append(Require(name, version, indirect, directive.line))
            case "replace", words if (replace := _replace(words, folder, directive.line)) is not None:
                replaces.append(replace)
            case (("module" | "go" | "toolchain" | "require" | "replace"), _):
                problems.append(Evidence(file, directive.line, _shown(directive)))
    if not path:
        problems.append(Evidence(file, 0, "no module line"))
    return GoModule(path, go, toolchain, tuple(requires), tuple(replaces), has_sum, file, tuple(problems))


def parse_workspace(text: str, folder: str = "", has_sum: bool = False) -> GoWorkspace:
    """The text of the go.work in `folder` (relative to the context) becomes its facts; never raises."""
    file = posixpath.join(folder, "go.work")
    go = ""
    use: list[str | None] = []
    replaces: list[Replace] = []
    problems: list[Evidence] = []
    for directive in _directives(text):
        match directive.verb, directive.words:
            case "go", (version,):
                go = version
            case "use", (path,):
                use.append(folder_in_context(folder, path))
            case "replace", words if (replace := _replace(words, folder, directive.line)) is not None:
                replaces.append(replace)
            case (("go" | "use" | "replace"), _):
                problems.append(Evidence(file, directive.line, _shown(directive)))
    return GoWorkspace(folder, go, tuple(use), tuple(replaces), has_sum, tuple(problems))


def folder_in_context(base: str, path: str) -> str | None:
    """The folder that `path` means when it is written in `base`, relative to the context; None if outside."""
    path = path.replace("\\", "/")
    if path.startswith("/") or _WINDOWS_DRIVE.match(path):
        return None
    folder = posixpath.normpath(posixpath.join(base, path))
    if folder == ".." or folder.startswith("../"):
        return None
    return "" if folder == "." else folder


def at_least(version: str, major: int, minor: int) -> bool:
    """Is a go version ("1.21", "1.22rc1") not older than this one? An unreadable or missing version is."""
    found = re.match(r"(\d{1,6})(?:\.(\d{1,6}))?", version)
    return found is None or (int(found[1]), int(found[2] or 0)) >= (major, minor)


def _replace(words: tuple[str, ...], folder: str, line: int) -> Replace | None:
    if "=>" not in words:
        return None
    arrow = words.index("=>")
    old, new = words[:arrow], words[arrow + 1 :]
    if len(old) not in (1, 2) or len(new) not in (1, 2):
        return None
    local = _is_folder(new[0])
    if local != (len(new) == 1):
        return None
    return Replace(old[0], new[0], local, folder_in_context(folder, new[0]) if local else None, line)


def _is_folder(path: str) -> bool:
    return path in (".", "..") or path.startswith(("./", "../", "/", ".\\", "..\\")) or bool(_WINDOWS_DRIVE.match(path))


def _directives(text: str) -> Iterator[_Directive]:
    block = ""
    for number, whole in enumerate(text.split("\n"), 1):
        if len(whole) > _LINE_LIMIT:
            continue
        code, comment = _without_comment(whole.rstrip("\r"))
        words = tuple(_unquoted(word) for word in _WORD.findall(code))
        if not words:
            continue
        if block:
            if words == (")",):
                block = ""
            else:
                yield _Directive(number, block, words, comment)
        elif len(words) >= 2 and words[1] == "(":
            # `require ()` opens nothing.
            block = "" if words[2:] == (")",) else words[0]
        else:
            yield _Directive(number, words[0], words[1:], comment)


def _without_comment(line: str) -> tuple[str, str]:
    # A comment starts a word: the slashes of "https://x" inside quotes or a word don't count.
    found = re.search(r"(?:^|(?<=[\s()]))//", line)
    if found is None:
        return line, ""
    return line[: found.start()], line[found.end() :].strip()


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) >= 2 and word[0] in '"`' and word[-1] == word[0] else word


def _shown(directive: _Directive) -> str:
    return " ".join((directive.verb, *directive.words))[:80]
