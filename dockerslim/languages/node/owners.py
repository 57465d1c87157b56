"""Which package of a workspace a file belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.languages.node.manifest import Manifest, read_manifest
from dockerslim.languages.node.module_resolution import ModuleResolver
from dockerslim.languages.node.paths import inside, is_below
from dockerslim.languages.node.prisma import CLIENT, generated_clients
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.tsconfig import TypeScriptConfig, read_tsconfig


@dataclass(frozen=True, slots=True)
class Owner:
    """A package of the project: the root, or a member of its workspace."""

    folder: str
    manifest: Manifest
    resolver: ModuleResolver


def find_owners(project: NodeProject) -> tuple[Owner, ...]:
    """The packages of a project, those in deeper folders first, the project itself last."""
    found = [_owner(project, project.folder, project.manifest)]
    for folder in sorted(project.workspaces, key=lambda name: name.count("/")):
        manifest = read_manifest(project.context, folder)
        if manifest is not None:
            found.append(_owner(project, folder, manifest))
    return tuple(reversed(found))


def owner_of(owners: tuple[Owner, ...], path: str) -> Owner:
    """The package that a file belongs to."""
    return next((owner for owner in owners if is_below(path, owner.folder)), owners[-1])


def _owner(project: NodeProject, folder: str, manifest: Manifest) -> Owner:
    generated = dict.fromkeys(generated_clients(project.context, folder, manifest), CLIENT)
    resolver = ModuleResolver(project.context, folder, manifest, _config(project, folder), generated)
    return Owner(folder, manifest, resolver)


def _config(project: NodeProject, folder: str) -> TypeScriptConfig | None:
    for name in ("tsconfig.json", "jsconfig.json"):
        path = inside(folder, name)
        config = read_tsconfig(project.context, path) if path is not None else None
        if config is not None:
            return config
    return None
