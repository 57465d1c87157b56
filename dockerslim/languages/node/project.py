"""A Node project: what its folder in the build context says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.install_files import find_install_files
from dockerslim.languages.node.lock import LockFiles, PackageManager, find_lock_files
from dockerslim.languages.node.lock_agreement import agrees
from dockerslim.languages.node.locked_packages import Lock, read_lock
from dockerslim.languages.node.manifest import FILE_NAME, Manifest, read_manifest
from dockerslim.languages.node.native_addons import NativeAddon, find_native_addons
from dockerslim.languages.node.paths import relative_to
from dockerslim.languages.node.workspaces import find_members, find_root

if TYPE_CHECKING:
    from dockerslim.languages.node.source_files import SourceFiles


@dataclass(frozen=True, slots=True)
class NodeProject:
    """The facts of one package.json and its folder. All paths are relative to the context."""

    folder: str
    manifest: Manifest
    manager: PackageManager
    """By the `packageManager` field, else by lock file; the Dockerfile may use another."""
    locks: LockFiles
    lock: Lock | None = field(repr=False, compare=False)
    """What the chosen lock file locks; None where there is none or it can't be read."""
    lock_in_sync: bool | None
    """Would a frozen install accept the lock file? None: can't be told."""
    workspaces: tuple[str, ...]
    """The folders of workspace members."""
    workspace_root: str | None
    """The folder whose workspace this package is a member of; the install then runs there."""
    install_files: tuple[str, ...] | None
    """The single files that the install needs before the source, the manifest first; None: see `install_reason`."""
    install_folders: tuple[str, ...]
    """The folders that it needs, whole."""
    install_reason: str
    """Why the manifests can't be copied and installed before the source; "" where they can."""
    native_addons: tuple[NativeAddon, ...]
    git_dependencies: tuple[str, ...]
    file_dependencies: tuple[str, ...]
    """The names of direct dependencies that are `file:`, `link:` or `portal:`."""
    context: BuildContext = field(repr=False, compare=False)
    sources: SourceFiles = field(repr=False, compare=False)
    """The files of the project that have been parsed so far."""

    @property
    def lock_file(self) -> str | None:
        """The lock file of `manager`."""
        return self.locks.chosen

    @property
    def lock_files(self) -> tuple[str, ...]:
        """Every lock file of the folder."""
        return self.locks.found

    @property
    def lock_hidden(self) -> bool:
        """There is a lock file, but .dockerignore hides it."""
        return self.locks.hidden

    def lock_file_of(self, manager: PackageManager) -> str | None:
        """The lock file that another package manager, one that the Dockerfile uses, would take."""
        return self.locks.of(manager)

    def lock_agrees(self, manager: PackageManager) -> bool | None:
        """`lock_in_sync` for another package manager than the project's own."""
        path = self.lock_file_of(manager)
        if path == self.lock_file:
            return self.lock_in_sync
        lock = read_lock(self.context, path) if path is not None else None
        return _agreement(self.context, self.folder, self.manifest, lock, self.workspaces)

    def installed_by(self, manager: PackageManager) -> NodeProject:
        """The same with the lock file of the package manager that a Dockerfile runs, where it has one of its own."""
        path = self.lock_file_of(manager)
        if path is None or path == self.lock_file:
            return self
        lock = read_lock(self.context, path)
        return replace(
            self,
            manager=manager,
            locks=replace(self.locks, manager=manager, chosen=path),
            lock=lock,
            lock_in_sync=_agreement(self.context, self.folder, self.manifest, lock, self.workspaces),
            native_addons=find_native_addons(self.manifest, lock),
            git_dependencies=_git_dependencies(self.manifest, lock),
        )


def detect(context: BuildContext, folder: str = "") -> NodeProject | None:
    """The project of the package.json in `folder`; None where there is none."""
    from dockerslim.languages.node.source_files import SourceFiles

    folder = "" if folder in ("", ".") else folder.strip("/")
    manifest = read_manifest(context, folder)
    if manifest is None:
        return None
    locks = find_lock_files(context, folder, manifest)
    lock = read_lock(context, locks.chosen) if locks.chosen is not None else None
    workspace = find_members(context, folder, manifest)
    sources = SourceFiles(context)
    install = find_install_files(sources, folder, manifest, locks, workspace)
    return NodeProject(
        folder=folder,
        manifest=manifest,
        manager=locks.manager,
        locks=locks,
        lock=lock,
        lock_in_sync=_agreement(context, folder, manifest, lock, workspace.members),
        workspaces=workspace.members,
        workspace_root=find_root(context, folder),
        install_files=install.files,
        install_folders=install.folders,
        install_reason=install.reason,
        native_addons=find_native_addons(manifest, lock),
        git_dependencies=_git_dependencies(manifest, lock),
        file_dependencies=tuple(
            name for name, spec in manifest.installed_dependencies.items() if spec.startswith(_FILE_SPECS)
        ),
        context=context,
        sources=sources,
    )


def without_manifest(context: BuildContext, folder: str = "") -> NodeProject:
    """The files of a folder that run without a package.json, so that no package is theirs."""
    from dockerslim.languages.node.source_files import SourceFiles

    return NodeProject(
        folder=folder,
        manifest=Manifest(f"{folder}/{FILE_NAME}" if folder else FILE_NAME),
        manager="npm",
        locks=LockFiles("npm", None, (), False),
        lock=None,
        lock_in_sync=None,
        workspaces=(),
        workspace_root=None,
        install_files=(),
        install_folders=(),
        install_reason="",
        native_addons=(),
        git_dependencies=(),
        file_dependencies=(),
        context=context,
        sources=SourceFiles(context),
    )


_FILE_SPECS = ("file:", "link:", "portal:")
_GIT_SPECS = ("git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:")


def _agreement(
    context: BuildContext, folder: str, manifest: Manifest, lock: Lock | None, members: tuple[str, ...]
) -> bool | None:
    if lock is None:
        return None
    manifests = {"": manifest}
    for member in members:
        below = read_manifest(context, member)
        if below is not None:
            manifests[relative_to(member, folder)] = below
    return agrees(lock, manifests)


def _git_dependencies(manifest: Manifest, lock: Lock | None) -> tuple[str, ...]:
    direct = {name for name, spec in manifest.installed_dependencies.items() if _is_git(spec)}
    locked = {package.name for package in lock.packages if package.is_git} if lock is not None else set()
    return tuple(sorted(direct | locked))


def _is_git(spec: str) -> bool:
    """`owner/name` is GitHub's; a path or a URL has more in it."""
    if spec.startswith(_GIT_SPECS) or spec.partition("#")[0].endswith(".git"):
        return True
    owner, slash, name = spec.partition("#")[0].partition("/")
    return bool(slash) and ":" not in spec and not owner.startswith((".", "/", "~", "@")) and "/" not in name
