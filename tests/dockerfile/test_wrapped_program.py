"""Programs behind others that only start them."""

from __future__ import annotations

import pytest

from dockerslim.dockerfile.wrapped_program import run_programs


@pytest.mark.parametrize(
    ("words", "programs"),
    [
        (["git", "log"], ("git",)),
        (["/usr/bin/env", "git"], ("git",)),
        (["env", "-i", "A=1", "-u", "B", "git", "log"], ("git",)),
        (["nice", "-n", "10", "convert", "a"], ("convert",)),
        (["timeout", "-k", "5", "30", "git"], ("git",)),
        (["timeout", None, "git"], ("git",)),
        (["nice", "timeout", "30", "env", "git"], ("git",)),
        (["sudo", "-u", "x", "git"], ("sudo", "git")),
        (["xvfb-run", "-a", "-s", "-screen 0", "firefox"], ("xvfb-run", "firefox")),
        (["env", None], (None,)),
        (["env", "-S", "git log"], (None,)),
        (["env"], ("env",)),
        (["exec", "a"], ("exec",)),
        ([None, "a"], (None,)),
        ([], (None,)),
        (["env"] * 50, (None,)),
    ],
)
def test_programs(words: list[str | None], programs: tuple[str | None, ...]) -> None:
    assert run_programs(words) == programs
