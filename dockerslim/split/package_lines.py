"""How new lines that install system packages are written: as the author writes such lists, and none too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.dockerfile.layout import INDENT, continuation_indent
from dockerslim.dockerfile.shell import Script
from dockerslim.split.packages import PackageInstall, package_installs

LONGEST = 100
"""Characters of a line; with more, each package stands on a line of its own."""


@dataclass(frozen=True, slots=True)
class PackageStyle:
    """What templates/common/packages.jinja asks for. `indent` is how deep continuation lines stand."""

    indent: str = INDENT
    one_per_line: bool = False

    def joint(self, names: Sequence[str], before: str) -> str:
        """What stands between two packages, where `before` is what the line of the first begins with."""
        is_long = len(before + " ".join(names)) > LONGEST
        return f" \\\n{self.indent}" if len(names) > 1 and (self.one_per_line or is_long) else " "


def package_style(case: Case, stage: Stage) -> PackageStyle:
    """How the stage's own installs write their packages."""
    installs = [(script, install) for _, script in case.runs(stage) for install in package_installs(script)]
    one_per_line = any(_is_one_per_line(case, script, install) for script, install in installs)
    return PackageStyle(continuation_indent(case.dockerfile), one_per_line)


def _is_one_per_line(case: Case, script: Script, install: PackageInstall) -> bool:
    words = [word for word in install.command.words if word.literal in (install.packages or ())]
    spans = [script.span(word.start, word.end) for word in words]
    text = case.dockerfile.text
    return len(spans) > 1 and all("\n" in text[one.end : other.start] for one, other in pairwise(spans))
