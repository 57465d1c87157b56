"""Which build arguments a stage needs for what it keeps.

An argument that nothing there reads is left out: a RUN below it records its value in the history of the image, and the
value of one that only a build reads may be a password.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerslim.dockerfile import Instruction, Stage


def is_read_later(stage: Stage, argument: Instruction, is_kept: Callable[[Instruction], bool]) -> bool:
    """Does an instruction below an ARG that is kept name it, or another ARG whose default names it?"""
    names = {pair.key for pair in argument.assignments}
    for instruction in stage.instructions:
        if instruction.span.start <= argument.span.start or not _names(instruction, names):
            continue
        if instruction.keyword == "ARG":
            names |= {pair.key for pair in instruction.assignments}
        elif is_kept(instruction):
            return True
    return False


def _names(instruction: Instruction, names: set[str]) -> bool:
    """`$NAME`, `${NAME}`, `${NAME:-x}`."""
    return any(re.search(rf"\$\{{?{re.escape(name)}\b", instruction.value) for name in names)
