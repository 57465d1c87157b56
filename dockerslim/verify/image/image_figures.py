"""What an image holds and costs, for the report."""

from __future__ import annotations

from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.image.image_content import ImageContent
from dockerslim.verify.image.image_tree import ImageTree
from dockerslim.verify.image.os_packages import os_packages
from dockerslim.verify.image.user_names import shown_user
from dockerslim.verify.verification import ImageFigures, Times

SHELLS = (
    "/bin/sh",
    "/bin/bash",
    "/bin/ash",
    "/bin/dash",
    "/usr/bin/sh",
    "/usr/bin/bash",
    "/usr/local/bin/bash",
    "/busybox/sh",
)
"""The last is where the debug variants of distroless have theirs."""
PACKAGE_MANAGERS = ("apt-get", "apk", "dnf", "microdnf", "tdnf", "yum", "zypper", "pacman")
"""Of operating systems. Those of languages (npm, pip) are part of an image that is for that language."""
PROGRAM_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
UNKNOWN = "unknown"
NOT_TIMED = Times()


def figures(configuration: ImageConfiguration, content: ImageContent | None, times: Times = NOT_TIMED) -> ImageFigures:
    """The figures of one image. What `content` would tell is `unknown` or None where there is none."""
    tree = content.tree if content is not None else None
    packages = os_packages(tree) if tree is not None else None
    return ImageFigures(
        size=configuration.size,
        compressed=content.compressed if content is not None else None,
        layers=len(configuration.layers),
        files=tree.files if tree is not None else None,
        packages=len(packages) if packages is not None else None,
        shell=_shell(tree) if tree is not None else UNKNOWN,
        package_managers=_package_managers(tree) if tree is not None else (UNKNOWN,),
        user=shown_user(tree, configuration.user),
        times=times,
    )


def _shell(tree: ImageTree) -> str:
    return next((path for path in SHELLS if tree.is_executable(path)), "")


def _package_managers(tree: ImageTree) -> tuple[str, ...]:
    return tuple(
        name for name in PACKAGE_MANAGERS if any(tree.is_executable(f"{folder}/{name}") for folder in PROGRAM_FOLDERS)
    )
