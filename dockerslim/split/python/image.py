"""The image that runs what a Python image has installed."""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.images.runtime import distroless, slim_twin
from dockerslim.split.refused import Refused

AUTOMATIC = frozenset({"auto", "slim", "alpine"})
"""Options for which an image that is small already, and has nothing to build with, stays."""


def runtime_image(case: Case, stage: Stage, image: Image) -> str:
    """The image asked for; else the slim twin of a full image, as the author wrote the tag, or the image itself."""
    if image.language_version is not None and image.language_version < (3,):
        raise Refused(stage.from_.span, "Python 2 has no `venv` module", "move to Python 3, or split the file by hand")
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
