"""tsconfig.json: where the compiler reads, and where it writes."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.paths import inside, is_below, parent
from dockerslim.languages.node.syntax import TYPESCRIPT_SUFFIXES

_EXTENDS_LIMIT = 8
_SIZE_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class TypeScriptConfig:
    """Folders are relative to the context."""

    path: str
    output_folder: str | None = None
    """`outDir`; None: beside the sources."""
    root_folder: str | None = None
    """`rootDir`, or the folder that holds all that it compiles."""
    emits: bool = True
    base_folder: str | None = None
    """`baseUrl`, or the folder that `paths` count from."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """`paths`"""
    shared: tuple[str, ...] = ()
    """What it extends of installed packages."""
    jsx_source: str | None = None
    """`jsxImportSource`: the package that JSX is made with."""


def read_tsconfig(context: BuildContext, path: str) -> TypeScriptConfig | None:
    """The options of a tsconfig, with what it extends; None where it can't be read."""
    chain: list[tuple[str, Mapping[str, object]]] = []
    shared: list[str] = []
    waiting = [path]
    while waiting and len(chain) < _EXTENDS_LIMIT:
        current = waiting.pop()
        text = context.read_text(current)
        data = json_text.object_of(json_text.parse_with_comments(text)) if text and len(text) <= _SIZE_LIMIT else None
        if data is None or any(current == known for known, _ in chain):
            if not chain:
                return None
            continue
        chain.append((current, data))
        extends = data.get("extends")
        names = json_text.texts_of(extends) or json_text.texts_of([extends])
        shared += [name for name in names if not name.startswith((".", "/"))]
        for name in names:
            target = inside(parent(current), name) if name.startswith(".") else None
            if target is not None:
                waiting.append(target if context.is_file(target) else f"{target}.json")
    return replace(_config(context, path, chain), shared=tuple(shared))


def _config(context: BuildContext, path: str, chain: list[tuple[str, Mapping[str, object]]]) -> TypeScriptConfig:
    options: dict[str, tuple[str, object]] = {}
    files: dict[str, tuple[str, object]] = {}
    for source, data in reversed(chain):
        options |= {k: (source, v) for k, v in json_text.object_of(data.get("compilerOptions")).items()}
        files |= {key: (source, data[key]) for key in ("include", "exclude", "files") if key in data}
    output = _folder(options.get("outDir"))
    root = _folder(options.get("rootDir"))
    base = _folder(options.get("baseUrl"))
    paths_source, paths = options.get("paths", (path, {}))
    return TypeScriptConfig(
        path,
        output,
        root if root is not None else _common_folder(context, parent(path), output, files),
        not any(options.get(key, ("", False))[1] is True for key in ("noEmit", "emitDeclarationOnly")),
        base if base is not None or not paths else parent(paths_source),
        {key: json_text.texts_of(value) for key, value in json_text.object_of(paths).items()},
        jsx_source=json_text.text_of(options.get("jsxImportSource", ("", None))[1]),
    )


def _folder(option: tuple[str, object] | None) -> str | None:
    text = json_text.text_of(option[1]) if option is not None else None
    return inside(parent(option[0]), text) if option is not None and text is not None else None


def _common_folder(
    context: BuildContext, folder: str, output: str | None, files: Mapping[str, tuple[str, object]]
) -> str | None:
    """The longest folder that all compiled files are in: what TypeScript takes for `rootDir`."""
    included = _prefixes(files.get("include")) + _prefixes(files.get("files")) or [folder]
    excluded = [*_prefixes(files.get("exclude"), of_everything=False), *([output] if output else [])]
    found = [
        name
        for name in context.under(folder)
        if name.endswith(TYPESCRIPT_SUFFIXES)
        and not name.endswith((".d.ts", ".d.mts", ".d.cts"))
        and "node_modules" not in name.split("/")
        and any(is_below(name, prefix) for prefix in included)
        and not any(is_below(name, prefix) for prefix in excluded)
        and not _is_test(name, files.get("exclude"))
    ]
    folders = {posixpath.dirname(name) for name in found}
    return posixpath.commonpath(folders) if folders and "" not in folders else ("" if folders else None)


def _prefixes(option: tuple[str, object] | None, of_everything: bool = True) -> list[str]:
    """The plain folder or file that each pattern starts with; a pattern that starts with a star means the folder of
    the file itself, or is left out."""
    if option is None:
        return []
    found: list[str] = []
    for pattern in json_text.texts_of(option[1]):
        plain = pattern[: pattern.index("*")].rpartition("/")[0] if "*" in pattern else pattern
        path = inside(parent(option[0]), plain or ".")
        if path is not None and (plain not in ("", ".") or of_everything):
            found.append(path)
    return found


def _is_test(name: str, exclude: tuple[str, object] | None) -> bool:
    patterns = json_text.texts_of(exclude[1]) if exclude is not None else ()
    return any("spec" in pattern or "test" in pattern for pattern in patterns) and (
        ".spec." in name or ".test." in name
    )
