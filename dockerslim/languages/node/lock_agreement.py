"""Does a lock file agree with the manifests it was made for?"""

from __future__ import annotations

from collections.abc import Mapping

from dockerslim.languages.node.locked_packages import Lock
from dockerslim.languages.node.manifest import Manifest


def agrees(lock: Lock, manifests: Mapping[str, Manifest]) -> bool | None:
    """True or False as a frozen install would have it; None where that can't be told from the text.

    `manifests` are those of the root and of every workspace member, by folder relative to the lock file.
    """
    if any(manifest.problem for manifest in manifests.values()):
        return None
    if lock.names is not None:
        return _agrees_by_name(lock, manifests)
    if lock.patterns is not None:
        return _agrees_by_pattern(lock.patterns, manifests)
    if lock.requirements is None:
        return None
    for folder, manifest in manifests.items():
        locked = lock.requirements.get(folder)
        if locked is None or not _same_ranges(manifest, locked):
            return None if manifest.has_overrides and locked is not None else False
        if lock.path.endswith(".json") and not _all_locked(manifest, lock):
            return False
    return True


def _same_ranges(manifest: Manifest, locked: Mapping[str, str]) -> bool:
    """Peers are not compared: some formats name them, some don't."""
    wanted = manifest.installed_dependencies
    if any(locked.get(name) != spec for name, spec in wanted.items()):
        return False
    return all(name in wanted or name in manifest.peer_dependencies for name in locked)


def _all_locked(manifest: Manifest, lock: Lock) -> bool:
    """A lock edited by hand may promise a package that it doesn't hold; an alias or a URL has another name there."""
    names = {package.name for package in lock.packages} | lock.links
    return all(name in names or ":" in spec or "/" in spec for name, spec in manifest.dependencies.items())


def _agrees_by_name(lock: Lock, manifests: Mapping[str, Manifest]) -> bool:
    names = lock.names or frozenset()
    return all(name in names for manifest in manifests.values() for name in manifest.installed_dependencies)


def _agrees_by_pattern(patterns: frozenset[str], manifests: Mapping[str, Manifest]) -> bool | None:
    names = frozenset(pattern[:1] + pattern[1:].partition("@")[0] for pattern in patterns if pattern)
    members = {manifest.name for manifest in manifests.values()}
    is_classic = not any("@npm:" in pattern for pattern in patterns)
    unsure = False
    for manifest in manifests.values():
        for name, spec in manifest.installed_dependencies.items():
            if name in members or spec.startswith(("link:", "portal:", "workspace:")):
                continue
            if {f"{name}@{spec}", f"{name}@npm:{spec}"} & patterns:
                continue
            if name not in names or (is_classic and not any(other.has_overrides for other in manifests.values())):
                return False
            unsure = True  # another range, or one that `resolutions`, a patch or a catalog rewrote
    return None if unsure else True
