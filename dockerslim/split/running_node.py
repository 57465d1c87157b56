"""What a Node program does at run time."""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import Start


def read(case: Case, stage: Stage, start: Start) -> RunningProgram | None:
    """None where the image does not start a Node program of the build context."""
    return None
