"""The text of the machine-made table."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

HEADER = """\
# Python distributions that need nothing of the system beyond python:X.Y-slim. Made by a survey ({date}); not kept by
# hand: a name of distributions.toml wins, and is not repeated here.
#
# Listed is a distribution that one of these sources knows and finds clean:
#   - Debian's indexes of packages (bookworm, trixie), by dh-python's names of distributions: nothing but Python and
#     what slim has is among what its package depends on or is recommended with, and nothing that only full images have
#     is among what it suggests;
#   - its own files: sources that load no library and run no program that slim lacks, build scripts that link none.
# What any of them, a recipe of Spack or a hand-kept line doubts is left out. All that it requires without extras (by
# its own files, by lock files of public projects, by Debian or by Spack, in this order) is listed or known as well.
#
# Debian's packagers sometimes leave out git or ssh, which they take for granted: whoever makes the list anew reads what
# is new in it, and puts such a distribution into the hand-kept table.
#
# A name says what the newest version known to a source does, not the one that a project pins. An older version without
# a wheel for the interpreter is compiled on the full image, mostly against what it is compiled against today; few
# projects have dropped a library of the system, and those known to have are kept by hand. A version newer than the
# sources may need more: Debian's are no newer than the release, so the list is to be made anew with each.
#
# pure: Python alone. self-contained: with compiled parts, which link nothing but what slim has or they bring.
"""


def table(names: Mapping[str, str], date: datetime.date) -> str:
    """One name a line below the line of its kind, sorted."""
    lines = [HEADER.format(date=date.isoformat())]
    for kind in ("pure", "self-contained"):
        lines.append(f"[{kind}]")
        lines.extend(sorted(name for name, each in names.items() if each == kind))
    return "\n".join(lines) + "\n"
