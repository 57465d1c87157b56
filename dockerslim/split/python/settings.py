"""Variables that only installers read: they stay behind where the image installs nothing."""

from __future__ import annotations

from collections.abc import Collection

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.layout import continuation_indent
from dockerslim.split.python.purpose import PythonStage
from dockerslim.split.python.tools import manager_variables, uses_managers

PIP_VARIABLES = frozenset(
    {
        "PIP_CACHE_DIR",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_DISABLE_PIP_VERSION_CHECK",
        "PIP_EXTRA_INDEX_URL",
        "PIP_INDEX_URL",
        "PIP_NO_CACHE_DIR",
        "PIP_PREFER_BINARY",
        "PIP_ROOT_USER_ACTION",
        "PIP_TRUSTED_HOST",
        "PIP_VERSION",
    }
)
"""Read by pip only."""


def build_variables(read: PythonStage, tools: Collection[str]) -> frozenset[str]:
    """The variables that nothing in the image reads; `tools` are the managers that it runs, which may run pip."""
    own = PIP_VARIABLES if not tools else frozenset()
    return own | manager_variables(tools) if uses_managers(read) else PIP_VARIABLES


def without_variables(case: Case, instruction: Instruction, unwanted: Collection[str]) -> str | None:
    """An ENV without some of its variables, as whole lines; None where it has none of them."""
    pairs = instruction.assignments
    kept = [pair.span.cut(case.dockerfile.text) for pair in pairs if pair.key not in unwanted]
    if len(kept) == len(pairs) or not kept or any(pair.legacy for pair in pairs):
        return None
    has_lines = instruction.first_line != instruction.last_line
    joint = f" {instruction.escape}\n{continuation_indent(case.dockerfile)}" if has_lines else " "
    return f"ENV {joint.join(kept)}\n"
