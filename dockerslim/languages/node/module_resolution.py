"""Which file or package an import means, as Node and TypeScript find it."""

from __future__ import annotations

import functools
import posixpath
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.imports import Import
from dockerslim.languages.node.manifest import Manifest, read_manifest
from dockerslim.languages.node.paths import inside, is_below, parent
from dockerslim.languages.node.tsconfig import TypeScriptConfig

_SUFFIXES = ("", ".ts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".mts", ".cts", ".json", ".node")
_WRITTEN_AS = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}


@dataclass(frozen=True, slots=True)
class Resolved:
    """One of: a file of the context, a package, or (both None) a module of Node or Bun itself."""

    file: str | None = None
    package: str | None = None


@dataclass(frozen=True, slots=True)
class ModuleResolver:
    """Resolves the imports of one package."""

    context: BuildContext
    folder: str
    manifest: Manifest
    config: TypeScriptConfig | None
    generated: Mapping[str, str] = field(default_factory=dict)
    """Folders that only a build fills, each with the package that what lies in it loads."""

    def resolve(self, item: Import) -> Resolved | None:
        """None where the import leads to a file that isn't there."""
        specifier = item.specifier
        if item.base is not None:
            return self._file(item.base)
        if specifier.startswith(("./", "../")) or specifier in (".", ".."):
            return self._file(inside(parent(item.evidence.file), specifier))
        if specifier.startswith("/"):
            return None
        plain = specifier.removeprefix("node:")
        if specifier.startswith("node:") or is_builtin(plain):
            return Resolved()
        for target in (*_aliased(specifier, self.manifest.imports, self.folder), *self._paths(specifier)):
            found = self._file(target)
            if found is not None:
                return found
        if specifier.startswith("#"):
            return None
        return Resolved(package=package_name(plain.partition("?")[0]))

    def _paths(self, specifier: str) -> list[str]:
        if self.config is None:
            return []
        base = self.config.base_folder
        if base is None:
            return []
        found = [
            path
            for pattern, targets in self.config.aliases.items()
            for target in targets
            for path in _aliased(specifier, {pattern: target}, base)
        ]
        path = inside(base, specifier)
        first = specifier.partition("/")[0]
        if path is not None and first not in self.manifest.installed_dependencies:
            found.append(path)
        return found

    def _file(self, path: str | None) -> Resolved | None:
        if path is None:
            return None
        stem, extension = posixpath.splitext(path)
        candidates = [path + suffix for suffix in _SUFFIXES] if path else []
        candidates += [stem + suffix for suffix in _WRITTEN_AS.get(extension, ())]
        for candidate in candidates:
            if self.context.is_file(candidate):
                return Resolved(file=candidate)
        package = next((name for folder, name in self.generated.items() if is_below(path, folder)), None)
        if package is not None:
            return Resolved(package=package)
        if not self.context.is_folder(path):
            return None
        manifest = read_manifest(self.context, path) if path else None
        names = [manifest.main] if manifest is not None and manifest.main else []
        for name in (*names, "index"):
            inner = inside(path, name)
            for suffix in _SUFFIXES:
                if inner is not None and self.context.is_file(inner + suffix):
                    return Resolved(file=inner + suffix)
        return None


def _aliased(specifier: str, aliases: Mapping[str, str], folder: str) -> list[str]:
    """`@/x` by `{"@/*": "src/*"}`; `@models/x` by module-alias's `{"@models": "src/models"}`."""
    found: list[str] = []
    for pattern, target in aliases.items():
        prefix, star, suffix = pattern.partition("*")
        if star:
            is_match = specifier.startswith(prefix) and specifier.endswith(suffix) and len(specifier) >= len(prefix)
            middle = specifier[len(prefix) : len(specifier) - len(suffix)] if is_match else ""
            path = inside(folder, target.replace("*", middle, 1)) if is_match else None
        elif specifier == pattern or specifier.startswith(pattern + "/"):
            path = inside(folder, target + specifier[len(pattern) :])
        else:
            path = None
        if path is not None:
            found.append(path)
    return found


def package_name(specifier: str) -> str:
    """`a` of `a/b`, `@a/b` of `@a/b/c`."""
    parts = specifier.split("/")
    return "/".join(parts[:2]) if specifier.startswith("@") else parts[0]


@functools.cache
def builtin_modules() -> frozenset[str]:
    """The modules that come with Node."""
    text = resources.files(__package__).joinpath("builtin_modules.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["names"])


def is_builtin(module: str) -> bool:
    """Does the module, named without `node:`, come with Node or Bun?"""
    return module == "bun" or module.startswith("bun:") or module.partition("/")[0] in builtin_modules()
