"""The image that runs what a Python image has installed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.images.releases import find_release
from dockerslim.images.runtime import distroless, plain_python, slim_twin
from dockerslim.split.refused import Refused

AUTOMATIC = frozenset({"auto", "slim", "alpine"})
"""Options for which an image that is small already, and has nothing to build with, stays."""
UV_TAG = re.compile(r"(?:[^-]+-)?python(?P<version>[^-]+)-(?P<release>[a-z]+)(?:-slim)?")
FAMILIES = frozenset({"python", "uv"})
"""Images with the interpreter in the same place."""


def runtime_image(case: Case, stage: Stage, image: Image, *, needs_uv: bool = False) -> str:
    """The image asked for; else the slim twin of a full image, as the author wrote the tag, or the image itself.

    uv's image gives way to the one of Python that it is built on, unless the program `needs_uv`.
    """
    if any(flag.name == "platform" and "$" in (flag.value or "") for flag in stage.from_.flags):
        raise Refused(stage.from_.span, "the platform of the base is computed", "name the platform")
    wanted = case.options.program_runtime
    if wanted == "distroless":
        return distroless_image(case, stage, image)
    if wanted not in ("auto", "slim", "alpine"):
        return _named(case, stage, image)
    if wanted != "auto" and wanted != image.variant and (wanted == "alpine" or image.variant == "alpine"):
        raise Refused(
            stage.from_.span,
            f"what is installed for another C library does not run on {wanted}",
            f"start from the {wanted} image, so that everything is installed for it",
        )
    plain = plain_python(image) if not needs_uv else None
    if plain is not None and "$" in stage.base:
        plain = _as_written(stage.base, plain)
    if plain is not None:
        return plain
    if image.variant != "full":
        return stage.base
    reference = case.final.final.reference
    twin = slim_twin(reference)
    if twin is None:
        raise Refused(stage.from_.span, f"no slim image is known for `{reference}`", "start from the slim image")
    if "$" not in stage.base:
        return twin.reference
    written = _with_variables(stage.base, reference, twin.reference)
    if written is None:
        raise Refused(stage.from_.span, "the tag of the base is computed", "write the variant beside the variable")
    return written


def _as_written(base: str, plain: str) -> str | None:
    """The image of Python with the author's variable for its version; None where it can't be told apart."""
    match = UV_TAG.fullmatch(base.rpartition(":")[2])
    _, dash, system = plain.partition("-")
    return f"python:{match['version']}{dash}{system}" if match and match["release"] in system.split("-") else None


def _with_variables(base: str, reference: str, twin: str) -> str | None:
    """The twin's reference with the author's variables in it; None where they can't be told apart."""
    name, _, tag = base.rpartition(":")
    known_name, _, known = reference.rpartition(":")
    words, known_words = tag.split("-"), known.split("-")
    twin_words = twin.rpartition(":")[2].split("-")
    if not name or "$" in name or name != known_name or len(words) != len(known_words) or "slim" not in twin_words:
        return None
    words.insert(twin_words.index("slim"), "slim")
    return f"{name}:{'-'.join(words)}"


def _named(case: Case, stage: Stage, image: Image) -> str:
    """An image that the person named: its Python must be the one that the environment is made for."""
    wanted = case.options.program_runtime
    known = case.catalogue.lookup(wanted)
    if known is not None and known.language == "python":
        version, own = known.language_version, image.language_version
        if version is not None and own is not None and version[:2] != own[:2]:
            raise Refused(
                stage.from_.span, f"`{wanted}` has another Python than `{stage.base}`", "name one with the same"
            )
        if known.libc is not None and image.libc is not None and known.libc != image.libc:
            raise Refused(
                stage.from_.span, f"`{wanted}` has another C library than `{stage.base}`", "name one with the same"
            )
    return wanted


def check_served(stage: Stage, image: Image, packages: Sequence[str], *, has_own: bool) -> None:
    """Raises Refused where packages are to be installed on a release whose servers are gone.

    A stage that installs packages of its own there has some other server.
    """
    release = find_release(image.release or "", image.distribution)
    if packages and not has_own and release is not None and release.archived:
        raise Refused(
            stage.from_.span,
            f"`{packages[0]}` would have to be installed, and the packages of {release.name} are no longer served",
            "move to a newer version of Python",
        )


def distroless_image(case: Case, stage: Stage, image: Image) -> str:
    """The distroless image of the very same Python; Raises Refused where there is none."""
    reference = distroless("python3", nonroot=False)
    known = case.catalogue.lookup(reference)
    wanted = known.language_version if known is not None else None
    own = image.language_version
    if wanted is None or own is None or own[:2] != wanted[:2] or image.libc != "glibc":
        shown = ".".join(map(str, wanted or ()))
        raise Refused(
            stage.from_.span,
            f"distroless has Python {shown} only, and `{stage.base}` may have another one",
            f"start from `python:{shown}`, or name another image",
        )
    return reference
