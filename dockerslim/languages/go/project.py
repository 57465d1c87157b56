"""A Go module in a build context, and what is known about it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.go.cgo import Cgo, find_cgo
from dockerslim.languages.go.constraint import NO_TAGS, is_built
from dockerslim.languages.go.manifests import Manifests, find_manifests
from dockerslim.languages.go.module import GoModule, GoWorkspace, at_least, parse_module, parse_workspace
from dockerslim.languages.go.private import find_private
from dockerslim.languages.go.program import ProgramFacts, read_program
from dockerslim.languages.go.source import ModuleRoot, SourceTree

CXX_SUFFIXES = (".cc", ".cpp", ".cxx", ".c++")


@dataclass(slots=True)
class _Answers:
    """What has been worked out already: most questions need the source, and are not asked of every project."""

    main_packages: tuple[str, ...] | None = None
    cgo: Cgo | None = None
    programs: dict[tuple[str, frozenset[str]], ProgramFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoProject:
    """A module, or the root of a workspace, or a folder of Go files without a go.mod (then `module` is None)."""

    folder: str
    """Of the go.mod, relative to the context's root; "" is the root."""
    module: GoModule | None
    workspace: GoWorkspace | None
    vendored: bool
    """The build takes the dependencies from vendor/, which is in the context."""
    private: tuple[Evidence, ...]
    manifests: Manifests
    source: SourceTree
    _answers: _Answers = field(default_factory=_Answers, compare=False, repr=False)

    @property
    def manifest_files(self) -> tuple[str, ...] | None:
        """The files that `go mod download` needs, relative to the context's root; None: see `manifest_reason`."""
        return self.manifests.files

    @property
    def manifest_reason(self) -> str:
        """Why the dependencies can't be downloaded before the source is there; empty where they can."""
        return self.manifests.reason

    @property
    def main_packages(self) -> tuple[str, ...]:
        """The folders, relative to the project's, that hold a program; "" is the project's own folder."""
        if self._answers.main_packages is None:
            self._answers.main_packages = tuple(
                sorted(self.relative(folder) for folder in self.package_folders() if self.source.is_program(folder))
            )
        return self._answers.main_packages

    @property
    def cgo(self) -> Cgo:
        """Does any part of the project need cgo?"""
        if self._answers.cgo is None:
            self._answers.cgo = _cgo(self)
        return self._answers.cgo

    def program(self, package: str, tags: Set[str] = NO_TAGS) -> ProgramFacts:
        """What the program in a folder (relative to the project's) uses at run time, built with these tags."""
        key = (package, frozenset(tags))
        if key not in self._answers.programs:
            folder = posixpath.normpath(posixpath.join(self.folder, package))
            folder = "" if folder == "." else folder
            self._answers.programs[key] = read_program(self.source, folder, package, key[1])
        return self._answers.programs[key]

    def relative(self, folder: str) -> str:
        """A folder of the context, relative to the project's."""
        return posixpath.relpath(folder or ".", self.folder or ".").removeprefix(".") if folder != self.folder else ""

    def package_folders(self) -> Iterator[str]:
        """The folders with Go files of the module, or of all the workspace's members below a root without go.mod."""
        roots = [self.folder]
        if self.module is None and self.workspace is not None:
            prefix = self.folder + "/" if self.folder else ""
            roots = [folder for folder in self.workspace.use if folder is not None and folder.startswith(prefix)]
        for root in roots:
            yield from self.source.package_folders(root)


def detect(context: BuildContext, folder: str = "", *, workspace: bool = True) -> GoProject | None:
    """The Go project in a folder of the context, None where there is none.

    `workspace`: False where a go.work doesn't count, because GOWORK=off is set or the image hasn't got it.
    """
    folder = "" if folder in ("", ".") else posixpath.normpath(folder)
    module = _module(context, folder)
    around = _workspace(context, folder) if workspace else None
    is_root = around is not None and around.folder == folder
    if module is None and not is_root and not _has_go_files(context, folder):
        return None
    if module is None and not is_root:
        around = None
    vendored = _vendored(context, folder, module, around)
    return GoProject(
        folder,
        module,
        around,
        vendored,
        find_private(context, folder),
        find_manifests(context, module, around, vendored),
        SourceTree(context, tuple(_roots(context, folder, module, around))),
    )


def without_module(project: GoProject) -> GoProject:
    """The folder's Go files where they lie without their go.mod."""
    source = SourceTree(project.source.context, ())
    manifests = find_manifests(project.source.context, None, None, vendored=False)
    return GoProject(project.folder, None, None, False, (), manifests, source)


def _module(context: BuildContext, folder: str) -> GoModule | None:
    file = posixpath.join(folder, "go.mod")
    if not context.is_file(file):
        return None
    return parse_module(context.read_text(file) or "", file, context.is_file(posixpath.join(folder, "go.sum")))


def _workspace(context: BuildContext, folder: str) -> GoWorkspace | None:
    """The go.work of the folder, or of the nearest one above it."""
    while True:
        file = posixpath.join(folder, "go.work")
        if context.is_file(file):
            return parse_workspace(context.read_text(file) or "", folder, context.is_file(file + ".sum"))
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _has_go_files(context: BuildContext, folder: str) -> bool:
    prefix = folder + "/" if folder else ""
    return any(path.endswith(".go") and "/" not in path[len(prefix) :] for path in context.under(folder))


def _vendored(context: BuildContext, folder: str, module: GoModule | None, workspace: GoWorkspace | None) -> bool:
    if workspace is not None:
        # A workspace has one vendor folder, beside go.work, and go looks into no member's.
        listed = context.is_file(posixpath.join(workspace.folder, "vendor/modules.txt"))
        return listed and bool(workspace.go) and at_least(workspace.go, 1, 22)
    listed = context.is_file(posixpath.join(folder, "vendor/modules.txt"))
    # Without a go line go takes 1.16 for granted where there is a vendor folder.
    return module is not None and listed and at_least(module.go, 1, 14)


def _roots(
    context: BuildContext, folder: str, module: GoModule | None, workspace: GoWorkspace | None
) -> Iterator[ModuleRoot]:
    if module is not None:
        yield ModuleRoot(module.path, folder)
    members = [module] if module is not None else []
    for used in workspace.use if workspace is not None else ():
        if used is not None and used != folder and (member := _module(context, used)) is not None:
            members.append(member)
            yield ModuleRoot(member.path, used)
    replaces = [replace for member in members for replace in member.replaces]
    for replace in (*replaces, *(workspace.replaces if workspace is not None else ())):
        if replace.folder is not None:
            yield ModuleRoot(replace.old, replace.folder)


def _cgo(project: GoProject) -> Cgo:
    source = project.source
    imports: dict[str, Evidence] = {}
    seen = False
    readable = True
    for root in dict.fromkeys((project.folder, *(item.folder for item in source.modules))):
        for folder in source.package_folders(root):
            for file in source.folders()[folder]:
                header = source.header(file)
                readable = readable and header is not None
                if header is None or not is_built(header.constraints):
                    continue
                seen = True
                for item in header.imports:
                    imports.setdefault(item.path, Evidence(file, item.line, f'import "{item.path}"'))
    modules = [module for root in source.modules if (module := _module(source.context, root.folder)) is not None]
    found = [find_cgo(module, imports, _vendored_packages(project)) for module in modules]
    if not found:
        found = [find_cgo(GoModule("", "", "", (), (), False), imports)]
    # Without a go.mod it isn't known what else is downloaded; without source it isn't known what is imported.
    blind = project.module is None and project.workspace is None
    problems = any(module.problems for module in modules)
    return Cgo(
        any(item.needed for item in found),
        any(item.unknown for item in found)
        or blind
        or problems
        or not seen
        or not readable
        or not source.context.complete,
        tuple(dict.fromkeys(evidence for item in found for evidence in item.evidence)),
        tuple({known.path: known for item in found for known in item.modules}.values()),
        "C" in imports,
        "C" in imports and any(path.endswith(CXX_SUFFIXES) for path in source.context.files),
    )


def _vendored_packages(project: GoProject) -> tuple[str, ...] | None:
    if not project.vendored:
        return None
    folder = project.workspace.folder if project.workspace is not None else project.folder
    text = project.source.context.read_text(posixpath.join(folder, "vendor/modules.txt"))
    return None if text is None else tuple(line for line in text.split("\n") if line and not line.startswith("#"))
