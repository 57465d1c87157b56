"""Which smaller image can run what an image builds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from dockerslim.images.catalogue import Catalogue
from dockerslim.images.image import Image
from dockerslim.images.reference import ImageReference
from dockerslim.images.releases import find_release, glibc_runs_on
from dockerslim.images.version import newest, parse_version

DistrolessKind = Literal["static", "base", "cc", "python3"]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another variant of the same image; `digest_dropped` where the author's digest can't hold for it."""

    reference: str
    digest_dropped: bool = False


@dataclass(frozen=True, slots=True)
class RuntimeNeed:
    """What a compiled program needs of the image that it runs in."""

    links_libc: bool = False
    """Was it linked against the C library of the build image?"""
    links_cxx: bool = False
    """Does it need the C++ run-time library too?"""
    shell: bool = False
    packages: bool = False
    """Are packages of the distribution installed for it?"""


def slim_twin(reference_text: str) -> Twin | None:
    """`node:20-bookworm-slim` for `node:20-bookworm`, `python:3.11-slim` for `python:3.11`.

    The name stays as the author wrote it. None where there is no such twin, or the image is one already.
    """
    image = Catalogue.load().lookup(reference_text)
    rule = _data()["slim"].get(image.family) if image else None
    if image is None or rule is None or not image.known or image.variant != "full":
        return None
    tag = image.reference.tag
    words = [] if tag in (None, "latest") else str(tag).split("-")
    words = [word for word in words if word not in rule.get("full_words", ())]
    release_word = next((word for word in words if find_release(word)), None)
    version = parse_version(words[0]) if words else None
    if release_word and version and newest(version) < (parse_version(rule["release_since"]) or ()):
        return None
    if len(words) > 1 and release_word is None:
        return None  # `lts-iron`, `3.14-rc`: not each of these ever had a twin
    place = words.index(release_word) if release_word and rule["place"] == "before-release" else len(words)
    words.insert(place, "slim")
    return Twin(str(image.reference.with_tag("-".join(words))), image.reference.digest is not None)


def plain_python(image: Image) -> str | None:
    """`python:3.12-slim-bookworm` for an image of uv with that Python on that release; None where either floats."""
    if image.family != "uv" or image.language_version is None or image.release is None:
        return None
    version = ".".join(map(str, image.language_version[:2]))
    system = f"alpine{image.release}" if image.distribution == "alpine" else f"slim-{image.release}"
    return f"python:{version}-{system}"


def distroless(kind: DistrolessKind, debian: int | None = None, *, nonroot: bool = True) -> str:
    """`gcr.io/distroless/static-debian13:nonroot`; without a Debian number the newest that is supported."""
    data = _data()["distroless"]
    tag = ":nonroot" if nonroot else ""
    return f"{data['registry']}/{kind}-debian{debian or data['debian']}{tag}"


def distroless_node(image: Image, *, nonroot: bool = True) -> str | None:
    """`gcr.io/distroless/nodejs22-debian13:nonroot` for an image of that line of Node, on glibc that is no newer.

    None where the line isn't said, or there is no such image.
    """
    data = _data()["distroless"]
    version = image.language_version
    if (
        image.language != "node"
        or image.libc != "glibc"
        or version is None
        or str(version[0]) not in data["node"]["lines"]
    ):
        return None
    runtime = find_release(data["debian"], "debian")
    # A tag that floats over the releases of Debian is never ahead of the newest that is supported.
    if image.release is not None and (runtime is None or not glibc_runs_on(image.release, runtime.name)):
        return None
    tag = ":nonroot" if nonroot else ""
    return f"{data['registry']}/nodejs{version[0]}-debian{data['debian']}{tag}"


def same_release_slim(image: Image) -> str | None:
    """`debian:bookworm-slim` for an image on bookworm, `ubuntu:22.04` for one on jammy, from the same registry.

    None where the release is not known or the image is on another distribution.
    """
    release = find_release(image.release or "", image.distribution)
    if release is None:
        return None
    tag = f"{release.name}-slim" if release.distribution == "debian" else release.number
    return _sibling(image.reference, release.distribution, tag)


def alpine_twin(image: Image) -> str | None:
    """`alpine:3.20` for `golang:1.24-alpine3.20`; None where the release is not known or the image is not on Alpine."""
    if image.distribution != "alpine" or image.release is None:
        return None
    return _sibling(image.reference, "alpine", image.release)


def runtime_candidates(image: Image, need: RuntimeNeed) -> tuple[str, ...]:
    """The images that can run a compiled program which `image` built, from the smallest up; none where nothing is sure.

    A program that needs no C library runs anywhere; another one needs the same C library, no older than where it was
    linked, so the release of the build image must be known.
    """
    if image.is_windows:
        return ()
    same = same_release_slim(image) or alpine_twin(image)
    candidates = [] if need.shell or need.packages else list(_distroless_candidates(image, need))
    if same is not None:
        candidates.append(same)
    elif not need.links_libc and not need.links_cxx and not need.packages:
        floating = _floating_distribution(image)
        candidates.extend([floating] if floating else [])
    return tuple(candidates)


def runtimes_to_try(image: Image) -> tuple[str, ...]:
    """What `--runtime` may be told, from the smallest up, so that it runs what `image` builds, whatever it needs.

    For a program that is going to be built and run: nothing here says that it works.
    """
    if image.is_windows:
        return ()
    if image.language != "go":
        twin = slim_twin(str(image.reference))
        return ("distroless", *([twin.reference] if twin is not None else []))
    found = [distroless(entry["kind"], nonroot=False) for entry in _data()["distroless"]["image"]]
    same = same_release_slim(image) or alpine_twin(image) or _floating_distribution(image)
    return (*found, same) if same is not None else tuple(found)


def _distroless_candidates(image: Image, need: RuntimeNeed) -> list[str]:
    data = _data()["distroless"]
    runtime = find_release(data["debian"], "debian")
    found = []
    for entry in data["image"]:
        if need.links_cxx and not entry["cxx"]:
            continue
        if need.links_libc or need.links_cxx:
            if image.libc != entry["libc"] or image.release is None or runtime is None:
                continue
            if not glibc_runs_on(image.release, runtime.name):
                continue
        found.append(distroless(entry["kind"]))
    return found


def _floating_distribution(image: Image) -> str | None:
    """`debian:stable-slim` or `alpine:3`, which float as the build image does."""
    if image.distribution == "debian":
        return _sibling(image.reference, "debian", "stable-slim")
    if image.distribution == "alpine":
        return _sibling(image.reference, "alpine", "3")
    return None


def _sibling(reference: ImageReference, name: str, tag: str) -> str:
    """From the same mirror, written in the same way; by its plain name where the image is not an official one."""
    sibling = reference.sibling(name, tag)
    return str(sibling) if sibling is not None else f"{name}:{tag}"


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("runtime.toml").read_text(encoding="utf-8"))
