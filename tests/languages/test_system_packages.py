"""What a system package is for, and what is left of it at run time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.languages.system_packages import Distribution, package_name, purpose


@pytest.mark.parametrize(
    ("package", "release", "left"),
    [
        ("libpq-dev", "bookworm", ("libpq5",)),
        ("libpq-dev", "trixie", ("libpq5",)),
        ("libpq-dev", None, ("libpq5",)),
        ("libpq-dev=15.*", "bookworm", ("libpq5",)),
        ("libpq-dev:amd64", "bookworm", ("libpq5",)),
        ("libpq-dev/bookworm-backports", "bookworm", ("libpq5",)),
        ("default-libmysqlclient-dev", "trixie", ("libmariadb3",)),
        ("libffi-dev", "bullseye", ("libffi7",)),
        ("libffi-dev", "bookworm", ("libffi8",)),
        ("libssl-dev", "bookworm", ("libssl3",)),
        ("libssl-dev", "trixie", ("libssl3t64",)),
        ("libldap2-dev", "trixie", ("libldap2",)),
        ("libwebp-dev", "trixie", ("libwebp7", "libwebpmux3", "libwebpdemux2", "libwebpdecoder3")),
        ("libxmlsec1-dev", "trixie", ("libxmlsec1t64", "libxmlsec1t64-openssl")),
        ("libeigen3-dev", "bookworm", ()),
        ("musl-tools", "bookworm", ("musl",)),  # what its compiler made is linked against it
        ("libpq-dev", "buster", ("libpq5",)),
        ("libffi-dev", "buster", ("libffi6",)),
    ],
)
def test_a_development_package_leaves_its_library(package: str, release: str | None, left: tuple[str, ...]) -> None:
    found = purpose(package, "debian", release)

    assert (found.kind, found.runtime_packages) == ("build", left)


@pytest.mark.parametrize(
    ("package", "release"),
    [
        ("libssl-dev", None),  # the releases differ
        ("libssl-dev", "sid"),
        ("libgdal-dev", "buster"),
        ("libzbar-dev", "forky"),
        ("libgit2-dev", None),  # only one release is known
    ],
)
def test_names_of_a_release_that_is_not_known_are_none(package: str, release: str | None) -> None:
    assert purpose(package, "debian", release).runtime_packages is None


@pytest.mark.parametrize(
    "package",
    [
        "gcc",
        "g++",
        "gcc-12",
        "build-essential",
        "musl-dev",
        "make",
        "cmake",
        "pkg-config",
        "python3-dev",
        "python3.11-dev",
        "cargo",
        "rustc",
        "clang-14",
        "libstdc++-12-dev",
        "linux-headers-amd64",
        "libpython3.11-dev",
        "libc6-dev",
    ],
)
def test_a_compiler_leaves_nothing(package: str) -> None:
    found = purpose(package, "debian", "bookworm")

    assert (found.kind, found.runtime_packages, found.uncertain) == ("build", (), False)


def test_git_is_a_build_tool_that_a_program_may_run() -> None:
    found = purpose("git", "debian", "bookworm")

    assert (found.kind, found.runtime_packages, found.uncertain) == ("build", (), True)


@pytest.mark.parametrize("package", ["ffmpeg", "curl", "tzdata", "gettext", "nginx", "libpq5", "postgresql-client-15"])
def test_what_is_no_development_package_runs(package: str) -> None:
    found = purpose(package, "debian", "bookworm")

    assert (found.kind, found.runtime_packages) == ("run", (package,))


def test_a_development_package_that_is_not_known_stays() -> None:
    found = purpose("libfrobnicate-dev", "debian", "bookworm")

    assert (found.kind, found.runtime_packages) == ("both", ("libfrobnicate-dev",))


@pytest.mark.parametrize("word", ["", "$PACKAGES", "${X}", ".build-deps", "lib*", "-y", "a b"])
def test_a_word_that_is_no_name_is_unknown(word: str) -> None:
    assert purpose(word, "debian", "bookworm").kind == "unknown"


def test_a_package_that_left_the_archive_is_replaced() -> None:
    assert purpose("libgl1-mesa-glx", "debian", "trixie").runtime_packages == ("libgl1",)
    assert purpose("libgl1-mesa-glx", "debian", "bookworm").runtime_packages == ("libgl1-mesa-glx",)


@pytest.mark.parametrize(
    ("package", "left"),
    [
        ("postgresql-dev", ("libpq",)),
        ("mariadb-dev", ("mariadb-connector-c",)),
        ("openssl-dev", ("libssl3", "libcrypto3")),
        ("g++", ("libstdc++", "libgcc")),
        ("gcc", ()),
        ("musl-dev", ()),
        ("zlib-dev>1.2", ("zlib",)),
        ("gfortran", ("libgfortran",)),
        ("postgresql17-dev", ("libpq",)),
        ("vips-dev", ("vips", "vips-cpp")),
    ],
)
def test_alpine(package: str, left: tuple[str, ...]) -> None:
    found = purpose(package, "alpine", "3.20")

    assert (found.kind, found.runtime_packages) == ("build", left)


@pytest.mark.parametrize(
    ("package", "release", "left"),
    [
        ("openssl-dev", "3.15", ("libssl1.1", "libcrypto1.1")),
        ("openssl-dev", "3.17", ("libssl3", "libcrypto3")),
        ("openssl-dev", None, ("libssl3", "libcrypto3")),
        ("vips-dev", "3.15", None),
        ("vips-dev", None, ("vips", "vips-cpp")),
        ("libpq-dev", "3.15", ("libpq",)),
    ],
)
def test_names_of_alpines_releases(package: str, release: str | None, left: tuple[str, ...] | None) -> None:
    assert purpose(package, "alpine", release).runtime_packages == left


@pytest.mark.parametrize("package", ["hdf5-dev", "libwebp-dev", "ncurses-dev", "imagemagick-dev"])
def test_what_is_not_known_of_alpine_stays(package: str) -> None:
    found = purpose(package, "alpine", "3.20")

    assert (found.kind, found.runtime_packages) == ("both", (package,))


@given(st.text(), st.sampled_from(["debian", "alpine"]), st.none() | st.text())
def test_any_word_has_a_purpose(word: str, distribution: Distribution, release: str | None) -> None:
    found = purpose(word, distribution, release)

    assert found.package == package_name(word)
