"""The package databases of distributions."""

from __future__ import annotations

import tarfile

import pytest

from dockerslim.verify.image import layer_content
from dockerslim.verify.image.os_packages import os_packages
from tests.verify.image_archives import member, tree

DPKG = b"""Package: libc6
Status: install ok installed
Priority: optional
Description: GNU C Library
 Package: this is a line of the description
 .
 Status: too

Package: gone
Status: deinstall ok config-files

Package: half
Status: install ok half-installed

Package: held
Status: hold ok installed

Package: libc6
Status: install ok installed
Architecture: i386
"""
APK = b"C:Q1abc=\nP:musl\nV:1.2.5-r0\nF:lib\nR:ld-musl.so\n\nP:busybox\nV:1.36\n"
RELEASE = member("etc/os-release", b"ID=debian\n")


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ([member("var/lib/dpkg/status", DPKG)], ("held", "libc6", "libc6")),
        ([member("var/lib/dpkg/status", b"")], ()),
        ([member("var/lib/dpkg/status", DPKG.replace(b"\n", b"\r\n"))], ("held", "libc6", "libc6")),
        (
            [
                member("var/lib/dpkg/status.d/base", b"Package: base-files\nVersion: 12\n"),
                member("var/lib/dpkg/status.d/base.md5sums", b"Package: not\n"),
                member("var/lib/dpkg/status.d/tzdata", b"Package: tzdata\n"),
                RELEASE,
            ],
            ("base-files", "tzdata"),
        ),
        ([member("lib/apk/db/installed", APK)], ("busybox", "musl")),
        ([member("usr/lib/apk/db/installed", APK), member("lib/apk", target="../usr/lib/apk")], ("busybox", "musl")),
        (
            [
                member("var/lib/pacman/local/glibc-2.39-1/desc"),
                member("var/lib/pacman/local/lib32-x-1-2/"),
                member("var/lib/pacman/local/ALPM_DB_VERSION"),
            ],
            ("glibc", "lib32-x"),
        ),
        ([member("app")], ()),
        ([], ()),
        ([RELEASE], None),
        ([member("usr/lib/os-release", b"ID=alpine\n")], None),
        ([member("var/lib/rpm/rpmdb.sqlite"), RELEASE], None),
        ([member("nix/store/x")], None),
        ([member("var/lib/dpkg/status", kind=tarfile.FIFOTYPE)], None),
    ],
)
def test_packages(members: list[tuple[tarfile.TarInfo, bytes]], names: tuple[str, ...] | None) -> None:
    assert os_packages(tree(*members)) == names


def test_a_database_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_content, "KEPT_LAYER_BYTES", 10)

    assert os_packages(tree(member("var/lib/dpkg/status", DPKG))) is None
