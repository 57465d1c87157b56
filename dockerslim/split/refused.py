"""Why a stage is left as it is, raised from wherever that turns out."""

from __future__ import annotations

from dockerslim.case import Options
from dockerslim.dockerfile import Span


class Refused(Exception):
    """`reason` names why in one sentence, `help` what would change it, `note` what the marked text means."""

    def __init__(self, span: Span, reason: str, help: str = "", note: str = "") -> None:
        super().__init__(reason)
        self.span = span
        self.reason = reason
        self.help = help
        self.note = note


def refuse_unknown(options: Options, refused: Refused) -> None:
    """Raises what is refused only because something isn't known, unless running the image is going to show it."""
    if not options.will_be_tried:
        raise refused
