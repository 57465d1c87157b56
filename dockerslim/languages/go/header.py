"""The head of a Go file: build constraints, package, imports, embeds, without parsing the rest.

A module may have thousands of files, and most questions (which packages are there, who imports "C") need no
more than this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SPACE = re.compile(r"[\s;\ufeff]+")
_LINE_COMMENT = re.compile(r"//[^\n]*")
_PACKAGE = re.compile(r"package\s+(\w+)")
_IMPORT = re.compile(r"import\b")
_SPEC = re.compile(r'(?:([\w.]+)[ \t]*)?("[^"\n]*"|`[^`]*`)')
_MAIN = re.compile(r"^func[ \t]+main[ \t]*\([ \t]*\)", re.MULTILINE)
_EMBED = re.compile(r"^[ \t]*//go:embed[ \t]+(.+)$", re.MULTILINE)
_EMBED_PATTERN = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|\S+')
_VERSION = re.compile(r"v[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Import:
    """An import of a file. `name` is the name that it gives the package, empty where it gives none."""

    path: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Embed:
    """A pattern of a `//go:embed` line."""

    pattern: str
    line: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the head of a file says; `package` is empty where it can't be read."""

    package: str
    constraints: tuple[str, ...]
    imports: tuple[Import, ...]
    embeds: tuple[Embed, ...]
    has_main: bool
    names: Mapping[str, str]
    """The identifiers that may mean an import, and its path."""

    def import_of(self, name: str) -> str | None:
        """The import path that an identifier of the file means, if it means one."""
        return self.names.get(name)

    def imports_path(self, path: str) -> bool:
        """Is this package, or one below it, imported?"""
        return any(is_below(item.path, path) for item in self.imports)


def is_below(path: str, prefix: str) -> bool:
    """Is an import path this one, or below it?"""
    return path == prefix or path.startswith(prefix + "/")


def read_header(text: str) -> Header:
    """The head of a Go file; never raises."""
    constraints: list[str] = []
    position = 0
    package = ""
    imports: list[Import] = []
    while position < len(text):
        if found := _SPACE.match(text, position):
            position = found.end()
        elif found := _LINE_COMMENT.match(text, position):
            if not package:
                constraints.append(found[0].rstrip())
            position = found.end()
        elif text.startswith("/*", position):
            end = text.find("*/", position + 2)
            position = len(text) if end < 0 else end + 2
        elif not package:
            found = _PACKAGE.match(text, position)
            if found is None:
                break
            package = found[1]
            position = found.end()
        elif found := _IMPORT.match(text, position):
            position, specs = _specs(text, found.end())
            imports.extend(specs)
        else:
            break
    return Header(
        package,
        tuple(constraints),
        tuple(imports),
        tuple(_embeds(text)) if "//go:embed" in text else (),
        package == "main" and _MAIN.search(text, position) is not None,
        _identifiers(imports),
    )


def _identifiers(imports: list[Import]) -> dict[str, str]:
    names = {item.name: item.path for item in imports if item.name}
    # Without a name of its own an import has the name that its package gives itself, which the path only
    # suggests: the closest match is taken.
    possible = [(_names(item.path), item.path) for item in imports if not item.name]
    for rank in range(3):
        for ranks, path in possible:
            for name in ranks[rank]:
                names.setdefault(name, path)
    return names


def _specs(text: str, position: int) -> tuple[int, list[Import]]:
    """The imports of one declaration, which starts after its keyword, and where it ends."""
    specs: list[Import] = []
    grouped = False
    line, counted = text.count("\n", 0, position) + 1, position
    while position < len(text):
        if found := _SPACE.match(text, position) or _LINE_COMMENT.match(text, position):
            position = found.end()
        elif text.startswith("/*", position):
            end = text.find("*/", position + 2)
            position = len(text) if end < 0 else end + 2
        elif text[position] == "(" and not grouped:
            grouped = True
            position += 1
        elif text[position] == ")" and grouped:
            return position + 1, specs
        elif found := _SPEC.match(text, position):
            line += text.count("\n", counted, position)
            counted = position
            specs.append(Import(found[2][1:-1], found[1] or "", line))
            position = found.end()
            if not grouped:
                return position, specs
        else:
            break
    return position, specs


def _embeds(text: str) -> Iterator[Embed]:
    line, counted = 1, 0
    for found in _EMBED.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        for word in _EMBED_PATTERN.findall(found[1]):
            yield Embed(word[1:-1] if word[0] in '"`' and len(word) > 1 else word, line)


def _names(path: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The names that the package of a path may have: surely, usually (`go-x`, `x.v1`), perhaps (a part)."""
    parts = path.split("/")
    last = parts.pop()
    if parts and _VERSION.fullmatch(last):
        last = parts.pop()
    plain = re.sub(r"\.v\d+$", "", last)
    usual = re.sub(r"^go[-.]|[-.]go$", "", plain)
    return (last, plain), (usual, usual.replace("-", ""), usual.replace("-", "_")), tuple(re.split(r"[-.]", plain))
