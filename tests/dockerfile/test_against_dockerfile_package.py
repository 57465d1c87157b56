"""The parser against the PyPI package `dockerfile`, which holds an older BuildKit."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings

from dockerslim.dockerfile import Dockerfile
from tests.dockerfile.dockerfile_texts import dockerfile_texts

dockerfile_package = pytest.importorskip("dockerfile")

NEWER_THAN_THE_PACKAGE = re.compile(r"<<-?[\t\r ]|#[^\n]*check|\](?!\r*(\n|\Z))")
"""`<< EOF` and `# check` came later; text behind a JSON array no longer goes unnoticed."""
UNREADABLE_FOR_THE_PACKAGE = re.compile("[\0\xa0\ud800-\udfff]")
"""It raises UnicodeDecodeError where BuildKit cuts a no-break space in two."""


@settings(deadline=None)
@given(dockerfile_texts())
def test_reads_the_same_instructions(text: str) -> None:
    assume(not NEWER_THAN_THE_PACKAGE.search(text) and not UNREADABLE_FOR_THE_PACKAGE.search(text))
    ours = Dockerfile.parse(text.encode())
    assume(ours.escape == "\\" or "--" not in text)  # the package knows one escape in flags
    try:
        theirs = dockerfile_package.parse_string(text)
    except dockerfile_package.GoParseError:
        assert ours.problem is not None
        assert ours.problem.is_syntax
        return
    assert ours.problem is None or not ours.problem.is_syntax
    assert len(ours.instructions) == len(theirs)
    for instruction, other in zip(ours.instructions, theirs, strict=True):
        assert instruction.keyword == other.cmd.upper()
        assert (instruction.first_line, instruction.last_line) == (other.start_line, other.end_line)
        assert len(instruction.flags) == len(other.flags)
        if instruction.keyword not in ("ONBUILD", "HEALTHCHECK"):  # there the form is that of a part
            assert instruction.is_exec_form == other.json
