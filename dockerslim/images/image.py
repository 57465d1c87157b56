"""What is known of a base image. None means unknown, and so does a missing key unless a field says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from dockerslim.images.reference import ImageReference
from dockerslim.images.version import Version

Variant = Literal["full", "slim", "alpine", "distroless", "windows", "onbuild", "curl", "scm"]
Libc = Literal["glibc", "musl"]
ReleaseSaid = Literal["tag", "frozen", "floats"]
"""How the release is known: the tag names it; the tag is no longer rebuilt and keeps it; it is not known, it moves."""


class User(NamedTuple):
    """What /etc/passwd says of a user."""

    uid: int
    gid: int
    home: str


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The configuration that a base image supplies; the value of a variable is None where it isn't known."""

    user: str = ""
    working_dir: str = "/"
    env: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    exposed_ports: tuple[str, ...] = ()
    stop_signal: str | None = None

    @property
    def path_entries(self) -> tuple[str, ...]:
        """The folders of PATH, in order."""
        path = self.env.get("PATH")
        return tuple(path.split(":")) if path else ()


@dataclass(frozen=True, slots=True)
class Image:
    """A base image. `known` is False where nothing but the family can be told."""

    reference: ImageReference
    family: str
    known: bool = True
    kind: str | None = None
    """Which one of a family of many repositories: `static`, `base`, `cc`, `nodejs22` of distroless."""
    language: str | None = None
    language_version: Version | None = None
    """What the tag says, `(1, 24)` for `golang:1.24`; None where it floats over versions (`latest`, `lts`, `3`)."""
    variant: Variant | None = None
    libc: Libc | None = None
    """None: no C library at all, or not known."""
    distribution: str | None = None
    release: str | None = None
    """`bookworm`, `jammy`; `3.20` of Alpine."""
    release_said: ReleaseSaid = "floats"
    has_shell: bool | None = None
    shell_path: str | None = None
    package_manager: str | None = None
    users: Mapping[str, User] = field(default_factory=dict, hash=False)
    config: ImageConfig | None = None
    """None: not known."""
    programs: frozenset[str] = frozenset()
    """Programs that are surely there. The notable ones that are missing here (git, curl, gcc, ...) are not there where
    `language_version` or `release` is known, and may be where the tag floats."""
    has_ca_certificates: bool | None = None
    has_tzdata: bool | None = None
    has_tmp: bool | None = None
    size_mb: int | None = None
    """Rough, uncompressed: to tell whether a change can pay, never to print."""

    @property
    def is_windows(self) -> bool:
        """Windows containers have other paths, shells and users: nothing here is known of them."""
        return self.variant == "windows"

    @property
    def has_toolchain(self) -> bool:
        """Are there compilers, git and the like, which a slim twin lacks? Bun's full image is plain Debian."""
        return self.variant == "full" and "gcc" in self.programs

    @property
    def path_entries(self) -> tuple[str, ...]:
        """The folders of PATH, in order; none where they aren't known."""
        return self.config.path_entries if self.config is not None else ()
