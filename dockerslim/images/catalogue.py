"""The catalogue of base images: what is known of the image that a FROM names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.images.family import load_family
from dockerslim.images.frozen import frozen_release
from dockerslim.images.image import Image, ImageConfig, Libc, ReleaseSaid, User
from dockerslim.images.reference import ImageReference
from dockerslim.images.tags import (
    Tag,
    names_windows,
    parse_distribution_tag,
    parse_language_tag,
    parse_libc_tag,
    parse_uv_tag,
)
from dockerslim.images.version import Version, parse_version

SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Which family an image belongs to, by `registry/repository`."""

    _exact: Mapping[str, Mapping[str, Any]] = field(repr=False)
    _prefixes: tuple[tuple[str, Mapping[str, Any]], ...] = field(repr=False)

    @classmethod
    def load(cls) -> Catalogue:
        """The catalogue that comes with the package; read once."""
        return _load()

    def lookup(self, reference_text: str) -> Image | None:
        """What is known of an image; None where nothing is, or where its name has a variable in it.

        Data of a family is read when the first image of it is looked up.
        """
        reference = ImageReference.parse(reference_text)
        if reference is None:
            return None
        if reference_text == SCRATCH:
            return _scratch(reference)
        entry = self._entry(reference)
        if names_windows(reference_text):
            family = entry["name"] if entry else "windows"
            return Image(reference, family, known=False, variant="windows", release_said="tag")
        if entry is None:
            return None
        if "tags" not in entry or (reference.tag is None and reference.digest is not None):
            # A digest alone may be any variant of the family.
            return Image(
                reference,
                entry["name"],
                known=False,
                language=entry.get("language"),
                package_manager=entry.get("package_manager"),
            )
        return _READERS[entry["tags"]](reference, entry["name"])

    def lookup_family(self, name: str) -> Image | None:
        """What is known of any image of a name without a tag, such as `python` of `python:$VERSION`."""
        reference = ImageReference.parse(name)
        entry = self._entry(reference) if reference is not None else None
        if reference is None or entry is None:
            return None
        language = load_family(entry["name"]).language if "tags" in entry else entry.get("language")
        return Image(reference, entry["name"], known=False, language=language)

    def _entry(self, reference: ImageReference) -> Mapping[str, Any] | None:
        name = reference.full_name
        if exact := self._exact.get(name):
            return exact
        return next((entry for prefix, entry in self._prefixes if name.startswith(prefix)), None)


@lru_cache(maxsize=1)
def _load() -> Catalogue:
    data = tomllib.loads(resources.files(__package__).joinpath("index.toml").read_text(encoding="utf-8"))
    exact = {name: entry for entry in data["family"] for name in entry["images"] if not name.endswith("*")}
    prefixes = [(name[:-1], entry) for entry in data["family"] for name in entry["images"] if name.endswith("*")]
    return Catalogue(exact, tuple(prefixes))


def _read_language(reference: ImageReference, family_name: str) -> Image | None:
    family = load_family(family_name)
    tag_text = _tag_text(reference)
    tag = parse_language_tag(tag_text, family.floating, family.codenames)
    if tag is None:
        return None
    said: ReleaseSaid = "tag" if tag.release else "floats"
    if tag.release is None and (release := frozen_release(family_name, tag.version, tag.variant)):
        said = "frozen"
        tag = Tag(tag.version, tag.variant, tag.distribution, release, tag.is_prerelease)
    version = family.ended.get(tag.version, tag.version) if tag.version else None
    if version is not None and len(version) < family.line:
        version = None
    return _image(reference, family_name, tag, tag_text, said, language_version=version)


def _read_uv(reference: ImageReference, family_name: str) -> Image | None:
    tag_text = _tag_text(reference)
    family = load_family(family_name)
    found = parse_uv_tag(tag_text, family.floating)
    if found is None:
        return Image(reference, family_name, known=False, language=family.language)
    tag, kind = found
    said: ReleaseSaid = "tag" if tag.release else "floats"
    return _image(reference, family_name, tag, tag_text, said, kind=kind, language_version=tag.version)


def _read_distribution(reference: ImageReference, family_name: str) -> Image | None:
    distribution = "debian" if family_name == "buildpack-deps" else family_name
    tag_text = _tag_text(reference)
    tag = parse_distribution_tag(tag_text, distribution, load_family(family_name).floating)
    if tag is None:
        return None
    return _image(reference, family_name, tag, tag_text, "tag" if tag.release else "floats")


def _read_libc(reference: ImageReference, family_name: str) -> Image | None:
    tag_text = _tag_text(reference)
    found = parse_libc_tag(tag_text, load_family(family_name).floating)
    if found is None:
        return None
    tag, libc = found
    return _image(reference, family_name, tag, tag_text, "floats", libc=libc)


def _read_distroless(reference: ImageReference, family_name: str) -> Image | None:
    kind, _, number = reference.repository.rpartition("/")[2].partition("-debian")
    release = {"11": "bullseye", "12": "bookworm", "13": "trixie"}.get(number)
    if number and release is None:
        return None
    tag_text = _tag_text(reference)
    tag = Tag(None, "distroless", "debian", release)
    version = parse_version(kind.removeprefix("nodejs"))
    return _image(
        reference, family_name, tag, tag_text, "tag" if release else "floats", kind=kind, language_version=version
    )


_READERS = {
    "language": _read_language,
    "server": _read_language,
    "distribution": _read_distribution,
    "libc": _read_libc,
    "distroless": _read_distroless,
    "uv": _read_uv,
}


def _tag_text(reference: ImageReference) -> str:
    return reference.tag if reference.tag is not None else "latest"


def _image(
    reference: ImageReference,
    family_name: str,
    tag: Tag,
    tag_text: str,
    said: ReleaseSaid,
    *,
    kind: str | None = None,
    language_version: Version | None = None,
    libc: Libc | None = None,
) -> Image:
    family = load_family(family_name)
    facts = family.facts(tag, tag_text, kind)
    exact = tag_text.partition("-")[0] if tag.version and len(tag.version) >= 3 else None
    env = {name: _filled(value, exact) for name, value in facts["env"].items()}
    return Image(
        reference,
        family_name,
        kind=kind,
        language=facts.get("language", family.language),
        language_version=language_version or parse_version(facts.get("language_version", "")),
        variant=tag.variant,
        libc=facts.get("libc", libc),
        distribution=tag.distribution or facts.get("distribution"),
        release=tag.release,
        release_said=said,
        has_shell=facts.get("has_shell"),
        shell_path=facts.get("shell_path"),
        package_manager=facts.get("package_manager"),
        users={name: User(*entry) for name, entry in facts["users"].items()},
        config=ImageConfig(
            user=facts.get("user", ""),
            working_dir=facts.get("working_dir", "/"),
            env=env,
            cmd=_words(facts.get("cmd")),
            entrypoint=_words(facts.get("entrypoint")),
            exposed_ports=tuple(facts.get("exposed_ports", ())),
            stop_signal=facts.get("stop_signal"),
        ),
        programs=frozenset(facts["programs"]),
        has_ca_certificates=facts.get("has_ca_certificates"),
        has_tzdata=facts.get("has_tzdata"),
        has_tmp=facts.get("has_tmp"),
        size_mb=facts.get("size_mb"),
    )


def _filled(value: str, exact_version: str | None) -> str | None:
    """The value of a variable; "" in the data says that the variable is there and its value is not known."""
    return exact_version if value == "{version}" else value or None


def _words(value: list[str] | None) -> tuple[str, ...] | None:
    return tuple(value) if value is not None else None


def _scratch(reference: ImageReference) -> Image:
    """No file at all; Docker still sets PATH when it runs something in it."""
    return Image(
        reference,
        SCRATCH,
        release_said="tag",
        config=ImageConfig(),
        has_shell=False,
        has_ca_certificates=False,
        has_tzdata=False,
        has_tmp=False,
        size_mb=0,
    )


__all__ = ["SCRATCH", "Catalogue", "Image", "ImageConfig", "User"]
