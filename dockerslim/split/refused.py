"""Why a stage is left as it is, raised from wherever that turns out."""

from __future__ import annotations

from dockerslim.dockerfile import Span


class Refused(Exception):
    """`reason` names why in one sentence, `help` what would change it, `note` what the marked text means."""

    def __init__(self, span: Span, reason: str, help: str = "", note: str = "") -> None:
        super().__init__(reason)
        self.span = span
        self.reason = reason
        self.help = help
        self.note = note
