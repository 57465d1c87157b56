"""The lossless document: bytes become instructions, stages, words and shell commands; edits become bytes."""

from dockerslim.dockerfile.document import Dockerfile, Problem, Stage
from dockerslim.dockerfile.edit import Edit, Origin, OverlapError, apply_edits
from dockerslim.dockerfile.instruction import Flag, Heredoc, Instruction, KeyValue, Word
from dockerslim.dockerfile.span import Position, Span

__all__ = [
    "Dockerfile",
    "Edit",
    "Flag",
    "Heredoc",
    "Instruction",
    "KeyValue",
    "Origin",
    "OverlapError",
    "Position",
    "Problem",
    "Span",
    "Stage",
    "Word",
    "apply_edits",
]
