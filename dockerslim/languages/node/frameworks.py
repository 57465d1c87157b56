"""Frameworks whose build turns the whole project into a server: data, in frameworks.toml."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.output_map import Bundled, is_source
from dockerslim.languages.node.paths import inside, relative_to
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.syntax import COMPONENT_SUFFIXES

_TESTS = (".test.", ".spec.", "__tests__/", ".stories.", "/cypress/", "/e2e/")


@dataclass(frozen=True, slots=True)
class Framework:
    """One framework; paths are relative to the project's folder."""

    packages: tuple[str, ...]
    entries: tuple[str, ...]
    sources: tuple[str, ...]
    bundles: Bundled
    """Which packages become part of the output."""
    programs: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    """Folders that hold all that the server needs."""
    writes: tuple[str, ...] = ()
    """What the server writes, relative to the folder of its entry file; folders end in `/`."""
    stores: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """By a word of the source, the folders where the server then keeps what the program stores."""
    configurations: tuple[str, ...] = ()
    """Files that may name other folders for it."""
    imports: tuple[str, ...] = ()
    """What imports begin with that only the build can resolve."""
    unbuilt: tuple[str, ...] = ()
    """Files among the sources that only the build itself reads."""
    brings: tuple[str, ...] = ()
    """Packages that the output loads though no source may."""
    leaves: tuple[str, ...] = ()
    """What the build leaves beside its output, of which the server reads nothing."""

    def is_made(self, entry: str) -> bool:
        """Does the build make this file?"""
        return any(_covers(pattern, entry) for pattern in self.entries)


def framework_of(project: NodeProject, manifest: Manifest, entry: str) -> Framework | None:
    """The framework of the project whose build makes an entry file, which is relative to the context."""
    path = relative_to(entry, project.folder)
    return next((item for item in _installed(manifest) if item.is_made(path)), None)


def framework_of_program(manifest: Manifest, argv: Sequence[str]) -> Framework | None:
    """The framework whose server a command of node_modules runs."""
    return next((item for item in _installed(manifest) if argv[0] in item.programs), None)


def framework_sources(project: NodeProject, framework: Framework) -> tuple[str, ...]:
    """Every source file that the build may put into the server, relative to the context."""
    unbuilt = {inside(project.folder, name) for name in framework.unbuilt}
    return tuple(file for file in source_files(project, framework.sources) if file not in unbuilt)


def source_files(project: NodeProject, names: Sequence[str]) -> tuple[str, ...]:
    """The source files among files and folders of a project, but tests."""
    found: dict[str, None] = {}
    for name in names:
        path = inside(project.folder, name)
        if path is None:
            continue
        files = (path,) if project.context.is_file(path) else project.context.under(path)
        found.update(dict.fromkeys(file for file in files if _is_read(file)))
    return tuple(found)


def _is_read(path: str) -> bool:
    if "node_modules" in path.split("/") or any(part in path for part in _TESTS):
        return False
    return is_source(path) or path.endswith(COMPONENT_SUFFIXES)


def _installed(manifest: Manifest) -> list[Framework]:
    return [item for item in _table() if not manifest.installed_dependencies.keys().isdisjoint(item.packages)]


def _covers(pattern: str, path: str) -> bool:
    """`build/` covers what is below it, `build` the folder itself, `dist/*/server/` each of several."""
    if not pattern.endswith("/"):
        return path == pattern
    wanted, given = pattern.rstrip("/").split("/"), path.split("/")
    return len(given) > len(wanted) and all(w in ("*", g) for w, g in zip(wanted, given, strict=False))


@functools.cache
def _table() -> tuple[Framework, ...]:
    data = tomllib.loads(resources.files(__package__).joinpath("frameworks.toml").read_text("utf-8"))
    return tuple(
        Framework(
            tuple(entry["packages"]),
            tuple(entry["entries"]),
            tuple(entry["sources"]),
            entry["bundles"],
            tuple(entry.get("programs", ())),
            tuple(entry.get("complete", ())),
            tuple(entry.get("writes", ())),
            {word: tuple(folders) for word, folders in entry.get("stores", {}).items()},
            tuple(entry.get("configurations", ())),
            tuple(entry["imports"]),
            tuple(entry.get("unbuilt", ())),
            tuple(entry.get("brings", ())),
            tuple(entry.get("leaves", ())),
        )
        for entry in data["framework"]
    )
