"""The files that `go mod download` needs before the source is there, or why that can't be done."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.go.module import GoModule, GoWorkspace, Replace, parse_module


@dataclass(frozen=True, slots=True)
class Manifests:
    """Paths relative to the context's root, the project's own go.mod first; or None and the reason."""

    files: tuple[str, ...] | None
    reason: str = ""


def find_manifests(
    context: BuildContext, module: GoModule | None, workspace: GoWorkspace | None, vendored: bool
) -> Manifests:
    """What to copy for `go mod download` in the module's folder, or in the workspace around it."""
    if module is None and workspace is None:
        return Manifests(None, "there is no go.mod")
    if vendored:
        return Manifests(None, "the dependencies are vendored, nothing is downloaded")
    try:
        return Manifests(tuple(dict.fromkeys(_files(context, module, workspace))))
    except _Refusal as refusal:
        return Manifests(None, str(refusal))


class _Refusal(Exception):
    """The early download can't be done, for this reason."""


def _files(context: BuildContext, module: GoModule | None, workspace: GoWorkspace | None) -> Iterator[str]:
    modules = [module] if module is not None else []
    if workspace is not None:
        _refuse_problems(workspace)
        if module is not None and posixpath.dirname(module.file) not in workspace.use:
            raise _Refusal(f"`{workspace.file}` does not use the module in `{posixpath.dirname(module.file) or '.'}`")
        modules += _members(context, workspace, {item.file for item in modules})
    for item in modules:
        _refuse_problems(item)
        yield item.file
        yield from _sum(context, item.file)
        yield from _replaced(context, item.replaces, item.file)
    if workspace is not None:
        yield workspace.file
        if workspace.has_sum:
            yield workspace.file + ".sum"
        yield from _replaced(context, workspace.replaces, workspace.file)
    local = {
        replace.old
        for item in (*modules, *([workspace] if workspace else ()))
        for replace in item.replaces
        if replace.local
    }
    local |= {item.path for item in modules}
    for item in modules:
        needs_sum = any(require.path not in local for require in item.requires)
        if needs_sum and not item.has_sum and not (workspace is not None and workspace.has_sum):
            where = posixpath.join(posixpath.dirname(item.file), "go.sum")
            how = "is hidden by the ignore file" if where in context.hidden else "is missing"
            raise _Refusal(f"`{where}` {how} and `{item.file}` requires modules")


def _members(context: BuildContext, workspace: GoWorkspace, known: set[str]) -> Iterator[GoModule]:
    for folder in workspace.use:
        if folder is None:
            raise _Refusal(f"`{workspace.file}` uses a folder outside the build context")
        file = posixpath.join(folder, "go.mod")
        if file in known:
            continue
        text = context.read_text(file)
        if text is None:
            raise _Refusal(f"`{workspace.file}` uses `{folder or '.'}`, which has no go.mod in the build context")
        yield parse_module(text, file, context.is_file(posixpath.join(folder, "go.sum")))


def _replaced(context: BuildContext, replaces: Iterable[Replace], file: str) -> Iterator[str]:
    for replace in replaces:
        if not replace.local:
            continue
        if replace.folder is None:
            raise _Refusal(f"`{file}` replaces `{replace.old}` with a folder outside the build context")
        manifest = posixpath.join(replace.folder, "go.mod")
        if not context.is_file(manifest):
            raise _Refusal(f"`{file}` replaces `{replace.old}` with `{replace.new_path}`, which has no go.mod")
        yield manifest
        yield from _sum(context, manifest)


def _sum(context: BuildContext, manifest: str) -> Iterator[str]:
    file = posixpath.join(posixpath.dirname(manifest), "go.sum")
    if context.is_file(file):
        yield file


def _refuse_problems(item: GoModule | GoWorkspace) -> None:
    if item.problems:
        raise _Refusal(f"{item.problems[0]} can't be read: {item.problems[0].text}")
