"""What a lock file locks, in the five formats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.lock import read_lock_text
from dockerslim.languages.node.yaml_text import parse_yaml

# A package that depends on one of these builds or fetches a native part when it is installed.
NATIVE_BUILD_TOOLS = frozenset(
    {
        "nan",
        "node-addon-api",
        "node-gyp",
        "node-gyp-build",
        "node-gyp-build-optional-packages",
        "node-pre-gyp",
        "@mapbox/node-pre-gyp",
        "prebuild-install",
        "cmake-js",
        "bindings",
    }
)


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package of a lock file."""

    name: str
    version: str | None = None
    has_install_script: bool = False
    """It says so, or it depends on a tool that builds native addons."""
    development: bool = False
    """Only development dependencies lead to it (npm and older pnpm say so)."""
    is_git: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file that was read; `requirements` and `patterns` are what it was made for, as far as the format says."""

    path: str
    packages: tuple[LockedPackage, ...] = ()
    requirements: Mapping[str, Mapping[str, str]] | None = field(default=None, hash=False)
    """For each workspace folder, relative to the lock file, the ranges by package name."""
    patterns: frozenset[str] | None = None
    """Yarn: every `name@range`."""
    names: frozenset[str] | None = None
    """npm's first format: the packages at the top of node_modules."""
    links: frozenset[str] = frozenset()
    """npm: names that are links to workspace members and folders."""
    marks_development: bool = False
    """False: `LockedPackage.development` is never set."""

    def find(self, name: str) -> tuple[LockedPackage, ...]:
        return tuple(package for package in self.packages if package.name == name)


def read_lock(context: BuildContext, path: str) -> Lock | None:
    """The lock file; None where it can't be read."""
    text = read_lock_text(context, path)
    if text is None:
        return None
    name = path.rsplit("/", 1)[-1]
    if name.endswith(".json"):
        return _npm(path, text)
    if name == "yarn.lock":
        return _yarn(path, text)
    if name == "pnpm-lock.yaml":
        return _pnpm(path, text)
    return _bun(path, text) if name == "bun.lock" else None


def _is_git(source: str) -> bool:
    return source.startswith(("git+", "git:", "git@", "ssh:")) or "codeload.github.com/" in source


def _ranges(entry: Mapping[str, object]) -> dict[str, str]:
    sections = ("devDependencies", "dependencies", "optionalDependencies")
    merged: dict[str, str] = {}
    for section in sections:
        merged.update(json_text.text_map_of(entry.get(section)))
    return merged


# --- npm ---


def _npm(path: str, text: str) -> Lock | None:
    data = json_text.object_of(json_text.parse(text)[0])
    if isinstance(data.get("packages"), dict):
        return _npm_by_folder(path, json_text.object_of(data["packages"]))
    if isinstance(data.get("dependencies"), dict):
        return _npm_by_name(path, json_text.object_of(data["dependencies"]))
    return Lock(path, requirements={"": {}}) if data else None


def _npm_by_folder(path: str, entries: Mapping[str, object]) -> Lock:
    packages: list[LockedPackage] = []
    requirements: dict[str, Mapping[str, str]] = {}
    links: set[str] = set()
    for folder, value in entries.items():
        entry = json_text.object_of(value)
        if "node_modules/" not in folder:
            requirements[folder] = _ranges(entry)
        elif entry.get("link"):
            links.add(folder.rsplit("node_modules/", 1)[1])
        else:
            packages.append(
                LockedPackage(
                    json_text.text_of(entry.get("name")) or folder.rsplit("node_modules/", 1)[1],
                    json_text.text_of(entry.get("version")),
                    bool(entry.get("hasInstallScript")),
                    bool(entry.get("dev")),
                    _is_git(json_text.text_of(entry.get("resolved")) or ""),
                )
            )
    return Lock(path, tuple(packages), requirements, links=frozenset(links), marks_development=True)


def _npm_by_name(path: str, entries: Mapping[str, object]) -> Lock:
    packages: list[LockedPackage] = []
    waiting = list(entries.items())
    while waiting:
        name, value = waiting.pop()
        entry = json_text.object_of(value)
        version = json_text.text_of(entry.get("version"))
        native = not NATIVE_BUILD_TOOLS.isdisjoint(json_text.object_of(entry.get("requires")))
        packages.append(LockedPackage(name, version, native, bool(entry.get("dev")), _is_git(version or "")))
        waiting.extend(json_text.object_of(entry.get("dependencies")).items())
    packages.sort(key=lambda package: (package.name, package.version or ""))
    return Lock(path, tuple(packages), names=frozenset(entries), marks_development=True)


# --- yarn ---

_YARN_VERSION = re.compile(r'  version:? "?([^"\s]+)')


def _yarn(path: str, text: str) -> Lock:
    packages: list[LockedPackage] = []
    patterns: set[str] = set()
    for header, body in _blocks(text.split("\n")):
        block = tuple(pattern.strip().strip('"') for pattern in header.split(","))
        patterns.update(block)
        name, _, rest = block[0][1:].partition("@")
        name = block[0][0] + name if block[0] else ""
        if not name or name == "__metadata" or rest.startswith("workspace:"):
            continue
        version = next((match[1] for line in body if (match := _YARN_VERSION.match(line))), None)
        native = any(_key(line) in NATIVE_BUILD_TOOLS for line in body if line.startswith("    "))
        source = next((line for line in body if line.startswith(("  resolved ", "  resolution: "))), "")
        is_git = ".git#" in source or "git+" in source or "codeload.github.com/" in source
        packages.append(LockedPackage(name, version, native, is_git=is_git))
    return Lock(path, tuple(packages), patterns=frozenset(patterns))


def _blocks(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    header, body = "", list[str]()
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        if line[0] == " ":
            body.append(line)
            continue
        if header:
            yield header, body
        header, body = line.rstrip().removesuffix(":"), []
    if header:
        yield header, body


def _key(line: str) -> str:
    """The name in `  "name" "range"`, `  name: range` and `  name range`."""
    word = line.strip()
    return word[1:].partition('"')[0] if word.startswith('"') else word.partition(" ")[0].rstrip(":")


# --- pnpm ---

_PNPM_PACKAGE = re.compile(r"  '?/?((?:@[^/@\s]+/)?[^/@\s'(]+)[@/]([^\s'(:_]+)")


def _pnpm(path: str, text: str) -> Lock:
    head, _, rest = text.partition("\npackages:")
    packages: dict[tuple[str, str], LockedPackage] = {}
    current: tuple[str, str] | None = None
    flags: dict[tuple[str, str], set[str]] = {}
    for line in rest.split("\n"):
        if line[:2] == "  " and line[2:3] not in ("", " "):
            match = _PNPM_PACKAGE.match(line)
            current = (match[1], match[2]) if match is not None else None
            if current is not None:
                flags.setdefault(current, set())
        elif current is not None and line.startswith("    "):
            word = line.strip()
            if word in ("requiresBuild: true", "dev: true"):
                flags[current].add(word)
            elif line.startswith("      ") and word.partition(":")[0].strip("'") in NATIVE_BUILD_TOOLS:
                flags[current].add("requiresBuild: true")
            elif "type: git" in word or "codeload.github.com" in word:
                flags[current].add("git")
    for (name, version), found in flags.items():
        packages[name, version] = LockedPackage(
            name, version, "requiresBuild: true" in found, "dev: true" in found, "git" in found
        )
    return Lock(path, tuple(packages.values()), _pnpm_requirements(head))


_PNPM_HEAD_LIMIT = 80_000


def _pnpm_requirements(head: str) -> Mapping[str, Mapping[str, str]] | None:
    data = json_text.object_of(parse_yaml(head)) if len(head) <= _PNPM_HEAD_LIMIT else {}
    importers = json_text.object_of(data.get("importers")) or ({".": data} if data else {})
    requirements: dict[str, Mapping[str, str]] = {}
    for folder, value in importers.items():
        importer = json_text.object_of(value)
        ranges = json_text.text_map_of(importer.get("specifiers"))
        for section in ("devDependencies", "dependencies", "optionalDependencies"):
            for name, locked in json_text.object_of(importer.get(section)).items():
                spec = json_text.text_of(json_text.object_of(locked).get("specifier"))
                if spec is not None:
                    ranges[name] = spec
        requirements["" if folder == "." else folder] = ranges
    return requirements or None


# --- bun ---


def _bun(path: str, text: str) -> Lock | None:
    data = json_text.object_of(json_text.parse_with_comments(text))
    if not data:
        return None
    requirements = {
        folder: _ranges(json_text.object_of(entry))
        for folder, entry in json_text.object_of(data.get("workspaces")).items()
    }
    packages: list[LockedPackage] = []
    for key, value in json_text.object_of(data.get("packages")).items():
        if not isinstance(value, list) or not value:
            continue
        resolved = json_text.text_of(value[0]) or key
        name, _, version = resolved[1:].partition("@")
        details = next((json_text.object_of(item) for item in value if isinstance(item, dict)), {})
        native = not NATIVE_BUILD_TOOLS.isdisjoint(json_text.object_of(details.get("dependencies")))
        packages.append(LockedPackage(resolved[:1] + name, version or None, native, is_git=_is_git(version)))
    return Lock(path, tuple(packages), requirements or None)
