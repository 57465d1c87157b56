"""What an install needs of the context, so that it can run before the source is copied."""

from __future__ import annotations

from dataclasses import dataclass, field

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.lifecycle_scripts import Refusal, lifecycle_inputs
from dockerslim.languages.node.lock import LockFiles
from dockerslim.languages.node.manifest import Manifest, read_manifest
from dockerslim.languages.node.paths import inside, is_below
from dockerslim.languages.node.prisma import find_schema, output_folders
from dockerslim.languages.node.source_files import SourceFiles
from dockerslim.languages.node.workspaces import Workspace
from dockerslim.languages.node.yaml_text import parse_yaml

_SETTINGS = (
    *(".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js", "pnpm-workspace.yaml"),
    *("bunfig.toml", ".pnp.cjs", ".pnp.loader.mjs"),
    *(".puppeteerrc", ".puppeteerrc.json", ".puppeteerrc.cjs", ".puppeteerrc.js"),
)
_YARN_FOLDERS = (".yarn/releases", ".yarn/plugins", ".yarn/patches", ".yarn/cache")
_SETTINGS_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class InstallFiles:
    """`files` is None where the install can't run before the source, and `reason` says why."""

    files: tuple[str, ...] | None
    folders: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class _Found:
    files: dict[str, None] = field(default_factory=dict)
    folders: dict[str, None] = field(default_factory=dict)

    def add(self, context: BuildContext, path: str | None) -> None:
        """A file or a folder, if it is there."""
        if path and context.is_file(path):
            self.files[path] = None
        elif path and context.is_folder(path):
            self.folders[path] = None


def find_install_files(
    sources: SourceFiles, folder: str, manifest: Manifest, locks: LockFiles, workspace: Workspace
) -> InstallFiles:
    """The files and folders to copy with package.json, or the reason to copy everything first."""
    context = sources.context
    found = _Found()
    try:
        if manifest.problem is not None:
            raise Refusal(f"{manifest.path} can't be read: {manifest.problem}")
        if workspace.problem is not None:
            raise Refusal(workspace.problem)
        for path in (manifest.path, *locks.found):
            found.files[path] = None
        _add_settings(context, folder, manifest, found)
        _add_package(sources, folder, manifest, found)
        for member in workspace.members:
            below = read_manifest(context, member)
            if below is None or below.problem is not None:
                raise Refusal(f"the package.json of the workspace member `{member}` can't be read")
            found.files[below.path] = None
            _add_package(sources, member, below, found)
    except Refusal as refusal:
        return InstallFiles(None, (), str(refusal))
    folders = tuple(
        path for path in found.folders if not any(path != other and is_below(path, other) for other in found.folders)
    )
    files = tuple(path for path in found.files if not any(is_below(path, other) for other in folders))
    return InstallFiles(files, folders)


def _add_settings(context: BuildContext, folder: str, manifest: Manifest, found: _Found) -> None:
    for name in _SETTINGS:
        found.add(context, inside(folder, name))
    for name in _YARN_FOLDERS:
        found.add(context, inside(folder, name))
    for name in (".npmrc", ".yarnrc"):
        for word in (_text(context, inside(folder, name)) or "").replace("=", " ").split():
            path = inside(folder, word.strip('"'))
            if path is not None and path != folder:
                found.add(context, path)
    settings = json_text.object_of(parse_yaml(_text(context, inside(folder, ".yarnrc.yml")) or ""))
    yarn_path = json_text.text_of(settings.get("yarnPath"))
    found.add(context, inside(folder, yarn_path) if yarn_path else None)
    workspace = json_text.object_of(parse_yaml(_text(context, inside(folder, "pnpm-workspace.yaml")) or ""))
    if manifest.patched or workspace.get("patchedDependencies"):
        found.add(context, inside(folder, "patches"))
    for name in manifest.patch_files:
        found.add(context, inside(folder, name))
    for name in (".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"):
        if " require(" in (text := _text(context, inside(folder, name)) or "") and ("./" in text or "../" in text):
            raise Refusal(f"`{name}` loads other files of the project")


def _add_package(sources: SourceFiles, folder: str, manifest: Manifest, found: _Found) -> None:
    """What the install of one package, the root or a member, reads."""
    context = sources.context
    gyp = inside(folder, "binding.gyp")
    if gyp is not None and context.is_file(gyp):
        raise Refusal(f"`{gyp}` makes the install build native code from the source")
    if "patch-package" in manifest.installed_dependencies:
        found.add(context, inside(folder, "patches"))
    for name, spec in manifest.installed_dependencies.items():
        _add_file_dependency(context, folder, name, spec, found)
    inputs = lifecycle_inputs(sources, folder, manifest)
    for path in inputs.paths:
        found.add(context, path)
    if "@prisma/client" in manifest.installed_dependencies or inputs.generates_prisma_client:
        _add_prisma(context, folder, manifest, inputs.generates_prisma_client, found)


def _add_file_dependency(context: BuildContext, folder: str, name: str, spec: str, found: _Found) -> None:
    kind, colon, target = spec.partition(":")
    if not colon or kind not in ("file", "link", "portal"):
        return
    path = inside(folder, target)
    if path is None or not context.has(path):
        raise Refusal(f"the dependency `{name}` is `{spec[:60]}`, which isn't in the context")
    if is_below(folder, path):
        raise Refusal(f"the dependency `{name}` is the folder of the project itself")
    found.add(context, path)


def _add_prisma(context: BuildContext, folder: str, manifest: Manifest, is_needed: bool, found: _Found) -> None:
    schema = find_schema(context, folder, manifest)
    if schema is None:
        if is_needed:
            raise Refusal("a script runs `prisma generate`, and the schema isn't where Prisma looks for it")
        return
    for output in output_folders(context, schema):
        if context.under(output):
            raise Refusal(f"`prisma generate` writes `{output}`, which the source would be copied over")
    found.add(context, schema)


def _text(context: BuildContext, path: str | None) -> str | None:
    text = context.read_text(path) if path is not None else None
    return text if text is not None and len(text) <= _SETTINGS_LIMIT else None
