"""package.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node import json_text
from dockerslim.languages.node.paths import inside

FILE_NAME = "package.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package.json says; everything is empty where `problem` says why it can't be read."""

    path: str
    """Relative to the context."""
    name: str | None = None
    version: str | None = None
    main: str | None = None
    type: str | None = None
    """"module", "commonjs", or None where it doesn't say."""
    scripts: Mapping[str, str] = field(default_factory=dict, hash=False)
    dependencies: Mapping[str, str] = field(default_factory=dict, hash=False)
    dev_dependencies: Mapping[str, str] = field(default_factory=dict, hash=False)
    optional_dependencies: Mapping[str, str] = field(default_factory=dict, hash=False)
    peer_dependencies: Mapping[str, str] = field(default_factory=dict, hash=False)
    optional_peers: frozenset[str] = frozenset()
    """Peers that an install doesn't bring along."""
    workspace_patterns: tuple[str, ...] = ()
    package_manager: str | None = None
    engines: Mapping[str, str] = field(default_factory=dict, hash=False)
    imports: Mapping[str, str] = field(default_factory=dict, hash=False)
    """`imports` whose target is one string, and the aliases of module-alias."""
    prisma_schema: str | None = None
    prisma_seed: str | None = None
    """The command that `prisma db seed` runs."""
    has_overrides: bool = False
    """`overrides` or `resolutions`: a lock then need not name the ranges of this file."""
    patched: bool = False
    """pnpm's or Bun's `patchedDependencies`."""
    patch_files: tuple[str, ...] = ()
    """The files that these name."""
    problem: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict, hash=False, compare=False, repr=False)
    """Where each script stands."""

    @property
    def production_dependencies(self) -> frozenset[str]:
        """Names that stay after development dependencies are gone."""
        required = set(self.peer_dependencies) - self.optional_peers
        return frozenset({*self.dependencies, *self.optional_dependencies, *required})

    @property
    def development_only(self) -> frozenset[str]:
        """Names that only `devDependencies` has."""
        return frozenset(self.dev_dependencies) - self.production_dependencies

    @property
    def installed_dependencies(self) -> Mapping[str, str]:
        """Every direct dependency but peers, with its range; the section that wins an install comes last."""
        return {**self.dev_dependencies, **self.dependencies, **self.optional_dependencies}

    @property
    def direct_dependencies(self) -> frozenset[str]:
        """Every name that the manifest asks for, peers too."""
        return self.production_dependencies | frozenset(self.dev_dependencies) | frozenset(self.peer_dependencies)

    def script_evidence(self, name: str) -> Evidence:
        """Where a script stands, and its text."""
        return Evidence(self.path, self.lines.get(name, 0), f"{name}: {self.scripts.get(name, '')}"[:120])


def read_manifest(context: BuildContext, folder: str = "") -> Manifest | None:
    """The package.json of a folder; None where there is none."""
    path = inside(folder, FILE_NAME)
    if path is None or not context.is_file(path):
        return None
    text = context.read_text(path)
    if text is None:
        return Manifest(path, problem="can't be read, or is too large")
    value, problem = json_text.parse(text)
    if problem is None and not isinstance(value, dict):
        problem = "not a JSON object"
    if problem is not None:
        return Manifest(path, problem=problem)
    return _manifest(path, text, json_text.object_of(value))


def _manifest(path: str, text: str, data: Mapping[str, object]) -> Manifest:
    scripts = json_text.text_map_of(data.get("scripts"))
    workspaces = data.get("workspaces")
    patterns = json_text.texts_of(workspaces) or json_text.texts_of(json_text.object_of(workspaces).get("packages"))
    pnpm = json_text.object_of(data.get("pnpm"))
    return Manifest(
        path=path,
        name=json_text.text_of(data.get("name")),
        version=json_text.text_of(data.get("version")),
        main=json_text.text_of(data.get("main")),
        type=json_text.text_of(data.get("type")),
        scripts=scripts,
        dependencies=json_text.text_map_of(data.get("dependencies")),
        dev_dependencies=json_text.text_map_of(data.get("devDependencies")),
        optional_dependencies=json_text.text_map_of(data.get("optionalDependencies")),
        peer_dependencies=json_text.text_map_of(data.get("peerDependencies")),
        optional_peers=_optional_peers(data),
        workspace_patterns=patterns,
        package_manager=json_text.text_of(data.get("packageManager")),
        engines=json_text.text_map_of(data.get("engines")),
        imports={**json_text.text_map_of(data.get("_moduleAliases")), **json_text.text_map_of(data.get("imports"))},
        prisma_schema=json_text.text_of(json_text.object_of(data.get("prisma")).get("schema")),
        prisma_seed=json_text.text_of(json_text.object_of(data.get("prisma")).get("seed")),
        has_overrides=any(data.get(key) for key in ("overrides", "resolutions")) or bool(pnpm.get("overrides")),
        patched=bool(pnpm.get("patchedDependencies") or data.get("patchedDependencies")),
        patch_files=tuple(
            path
            for said in (pnpm.get("patchedDependencies"), data.get("patchedDependencies"))
            for path in json_text.text_map_of(said).values()
        ),
        lines=_script_lines(text, scripts),
    )


def _optional_peers(data: Mapping[str, object]) -> frozenset[str]:
    meta = json_text.object_of(data.get("peerDependenciesMeta"))
    return frozenset(name for name, value in meta.items() if json_text.object_of(value).get("optional"))


def _script_lines(text: str, scripts: Mapping[str, str]) -> dict[str, int]:
    """The line of each script: the first line after `"scripts"` that starts with its name."""
    found: dict[str, int] = {}
    reached = False
    for number, line in enumerate(text.split("\n"), start=1):
        reached = reached or '"scripts"' in line
        if not reached:
            continue
        stripped = line.strip()
        name = stripped[1 : stripped.find('"', 1)] if stripped.startswith('"') else ""
        if name in scripts and name not in found:
            found[name] = number
    return found
