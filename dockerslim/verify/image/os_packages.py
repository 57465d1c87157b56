"""The packages of the operating system that an image has, from the database of its package manager.

Debian's and Alpine's are text and are read; distroless images have Debian's with a file a package; Arch has a folder a
package. An rpm database is a binary one and stays unknown. Without any database there are no packages, unless the image
says that it is of a distribution: then somebody took the database away, and how many there are is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.verify.image.image_tree import ImageTree

DPKG_STATUS = "/var/lib/dpkg/status"
DPKG_STATUS_FOLDER = "/var/lib/dpkg/status.d"
APK_INSTALLED = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
PACMAN_FOLDER = "/var/lib/pacman/local"
BINARY_DATABASES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm", "/nix/store")
DISTRIBUTION_FILES = ("/etc/os-release", "/usr/lib/os-release")


def os_packages(tree: ImageTree) -> tuple[str, ...] | None:
    """The names of the installed packages, sorted; one that is installed for two architectures is there twice.

    None where it can't be told; nothing for an image that is no distribution's.
    """
    if any(tree.entry(path) is not None for path in BINARY_DATABASES):
        return None
    databases = list(_databases(tree))
    if any(names is None for names in databases):
        return None
    if not databases and any(tree.entry(path) is not None for path in DISTRIBUTION_FILES):
        return None
    return tuple(sorted(name for names in databases for name in names or ()))


def _databases(tree: ImageTree) -> Iterator[list[str] | None]:
    """The packages that each database of the image tells; None for one that was too large to be kept."""
    if tree.entry(DPKG_STATUS) is not None:
        status = _text(tree, DPKG_STATUS)
        yield None if status is None else [name for name, state in _paragraphs(status) if state.endswith(" installed")]
    distroless = tree.entry(DPKG_STATUS_FOLDER)
    if distroless is not None:
        for entry in tree.below(distroless.path):
            if entry.kind != "folder" and not entry.path.endswith(".md5sums"):
                status = _text(tree, entry.path)
                yield None if status is None else [name for name, _ in _paragraphs(status)]
    installed_files = {file.path for path in APK_INSTALLED if (file := tree.entry(path)) is not None}
    for path in sorted(installed_files):
        installed = _text(tree, path)
        yield (
            None
            if installed is None
            else [line.removeprefix("P:") for line in installed.split("\n") if line.startswith("P:")]
        )
    pacman = tree.entry(PACMAN_FOLDER)
    if pacman is not None:
        depth = pacman.path.count("/") + 1
        yield [
            entry.path.rpartition("/")[2].rsplit("-", 2)[0]
            for entry in tree.below(pacman.path)
            if entry.kind == "folder" and entry.path.count("/") == depth
        ]


def _paragraphs(status: str) -> Iterator[tuple[str, str]]:
    """Name and state (`install ok installed`) of each package that a dpkg status file lists."""
    name, state = "", ""
    for line in [*status.split("\n"), ""]:
        if not line.strip():
            if name:
                yield name, state
            name, state = "", ""
        elif line.startswith("Package:"):
            name = line.removeprefix("Package:").strip()
        elif line.startswith("Status:"):
            state = line.removeprefix("Status:").strip()


def _text(tree: ImageTree, path: str) -> str | None:
    content = tree.content(path)
    return None if content is None else content.decode("utf-8", "replace")
