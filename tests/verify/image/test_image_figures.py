"""What an image holds, as a report has it."""

from __future__ import annotations

import tarfile

import pytest

from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.image.image_content import UNKNOWN_IMAGE, ImageContent
from dockerslim.verify.image.image_figures import figures
from dockerslim.verify.verification import ImageFigures, Times
from tests.verify.image_archives import member, tree

CONFIGURATION = ImageConfiguration("sha256:1", 5000, ("sha256:a", "sha256:b"), user="node")


def program(path: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(path, b"x", mode=0o755)


def test_all_of_them() -> None:
    made = tree(
        member("etc/passwd", b"node:x:1000:1000::/:\n"),
        program("usr/bin/dash"),
        member("bin", target="usr/bin"),
        member("usr/bin/sh", target="dash"),
        program("usr/bin/apt-get"),
        program("usr/bin/npm"),
        member("usr/sbin/apk"),
        program("app/yum"),
    )

    assert figures(CONFIGURATION, ImageContent(made, 700), Times(cold=3.0)) == ImageFigures(
        size=5000,
        compressed=700,
        layers=2,
        files=8,
        packages=0,
        shell="/bin/sh",
        package_managers=("apt-get",),
        user="node (1000)",
        times=Times(cold=3.0),
    )


@pytest.mark.parametrize(
    ("members", "shell"),
    [
        ([program("bin/bash")], "/bin/bash"),
        ([program("busybox/busybox"), member("busybox/sh", target="/busybox/busybox")], "/busybox/sh"),
        ([program("bin/busybox"), member("bin/sh", kind=tarfile.LNKTYPE, target="bin/busybox")], "/bin/sh"),
        ([member("bin/sh", target="gone")], ""),
        ([member("bin/sh", b"x")], ""),
        ([member("bin/sh/")], ""),
        ([program("app")], ""),
    ],
)
def test_shells(members: list[tuple[tarfile.TarInfo, bytes]], shell: str) -> None:
    assert figures(CONFIGURATION, ImageContent(tree(*members), None)).shell == shell


@pytest.mark.parametrize("content", [None, UNKNOWN_IMAGE])
def test_what_is_not_known(content: ImageContent | None) -> None:
    assert figures(CONFIGURATION, content) == ImageFigures(
        size=5000,
        compressed=None,
        layers=2,
        files=None,
        packages=None,
        shell="unknown",
        package_managers=("unknown",),
        user="node",
    )
