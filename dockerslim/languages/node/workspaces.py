"""The members of a workspace, and the workspace that a package is a member of."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.glob_patterns import expand_braces, matches
from dockerslim.languages.node.manifest import FILE_NAME, Manifest, read_manifest
from dockerslim.languages.node.paths import ancestors, inside, is_below, parent, relative_to
from dockerslim.languages.node.yaml_text import parse_yaml

PNPM_WORKSPACE = "pnpm-workspace.yaml"
_MEMBER_LIMIT = 500
_SETTINGS_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Workspace:
    """The members as folders relative to the context; `problem` says why there may be more."""

    members: tuple[str, ...] = ()
    problem: str | None = None


def find_members(context: BuildContext, folder: str, manifest: Manifest) -> Workspace:
    """The members that the manifest (npm, Yarn, Bun) or pnpm-workspace.yaml names."""
    patterns = manifest.workspace_patterns or _pnpm_patterns(context, folder)
    if not patterns:
        return Workspace()
    wanted: list[str] = []
    unwanted: list[str] = []
    for pattern in patterns:
        plain = expand_braces(pattern.removeprefix("!"))
        if plain is None or any(character in pattern for character in "()@+|"):
            return Workspace(problem=f"the workspace pattern `{pattern[:60]}` is more than this can read")
        (unwanted if pattern.startswith("!") else wanted).extend(plain)
    members = [
        below
        for below in _package_folders(context, folder)[:_MEMBER_LIMIT]
        if any(matches(relative_to(below, folder), pattern) for pattern in wanted)
        and not any(matches(relative_to(below, folder), pattern) for pattern in unwanted)
    ]
    if not context.complete or len(members) >= _MEMBER_LIMIT:
        return Workspace(tuple(members), "the context is too large to know every workspace member")
    return Workspace(tuple(members))


def find_root(context: BuildContext, folder: str) -> str | None:
    """The nearest folder above whose workspace this package is a member of."""
    for above in ancestors(folder):
        manifest = read_manifest(context, above)
        if manifest is not None and folder in find_members(context, above, manifest).members:
            return above
    return None


def _package_folders(context: BuildContext, folder: str) -> tuple[str, ...]:
    found = [
        parent(path)
        for path in context.under(folder)
        if path.endswith("/" + FILE_NAME) and "node_modules" not in path.split("/") and is_below(path, folder)
    ]
    return tuple(below for below in found if below != folder)


def _pnpm_patterns(context: BuildContext, folder: str) -> tuple[str, ...]:
    path = inside(folder, PNPM_WORKSPACE)
    text = context.read_text(path) if path is not None else None
    if text is None or len(text) > _SETTINGS_LIMIT:
        return ()
    return json_text.texts_of(json_text.object_of(parse_yaml(text)).get("packages"))
