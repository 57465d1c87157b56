"""The image that runs what a Node image has built."""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.images.runtime import slim_twin
from dockerslim.split.refused import Refused

LATER = ("distroless", "nginx")
"""Transforms of their own go on from the slim image to these."""
DISTROLESS = "gcr.io/distroless/nodejs"


def runtime_image(case: Case, stage: Stage, image: Image) -> str:
    """The slim twin of a full image; another one itself, as the author wrote it. Raises Refused where there is none."""
    wanted = case.options.runtime
    if wanted not in ("auto", "slim", "alpine", *LATER) and not wanted.startswith(DISTROLESS):
        return wanted
    if image.variant != "full":
        return stage.base
    reference = case.states[stage.index].final.reference
    twin = slim_twin(reference)
    if twin is None or wanted == "alpine":
        raise Refused(
            stage.from_.span,
            f"no smaller image is known that surely runs what `{stage.base}` builds",
            "name a version in the tag, such as `node:22`",
        )
    if stage.base == reference:
        return twin.reference
    if twin.reference == f"{reference}-slim":
        return f"{stage.base}-slim"
    raise Refused(
        stage.from_.span, f"the slim twin of `{stage.base}` can't be written with its variable", "write the tag out"
    )
