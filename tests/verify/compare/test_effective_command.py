"""The program that a container starts, whatever form its command has."""

from __future__ import annotations

import pytest

from dockerslim.verify.compare.effective_command import effective_command

SHELL = ("/bin/sh", "-c")


@pytest.mark.parametrize(
    ("entrypoint", "command", "expected"),
    [
        ((), ("node", "server.js"), ("node", "server.js")),
        (("node",), ("server.js",), ("node", "server.js")),
        ((), (*SHELL, "node server.js"), ("node", "server.js")),
        ((), (*SHELL, "exec node 'my server.js'"), ("node", "my server.js")),
        ((*SHELL, "./server"), ("ignored",), ("./server",)),
        ((), (), ()),
    ],
)
def test_a_shell_that_only_splits_is_off(
    entrypoint: tuple[str, ...], command: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert effective_command(entrypoint, command) == expected


@pytest.mark.parametrize(
    "line", ["serve :$PORT", "a && b", "A=1 serve", "serve > log", "serve *.txt", "serve 'unclosed", "cd /x; serve", ""]
)
def test_a_line_that_needs_its_shell_keeps_it(line: str) -> None:
    assert effective_command((), (*SHELL, line)) == (*SHELL, line)
