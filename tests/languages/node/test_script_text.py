"""Shell text of scripts."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.script_text import parse_script


@pytest.mark.parametrize(
    ("text", "words", "features"),
    [
        ("node a.js", [("node", "a.js")], ()),
        ("node 'a b.js' \"c\"", [("node", "a b.js", "c")], ()),
        ("A=1 B='2 3' node a", [("node", "a")], ()),
        ("a && b || c; d", [("a",), ("b",), ("c",), ("d",)], ("&&", "||", ";")),
        ("a & b", [("a",), ("b",)], ("&",)),
        ("a | b", [("a",), ("b",)], ("|",)),
        ("node a > log 2>&1", [("node", "a")], (">",)),
        ("node a 2>/dev/null", [("node", "a")], (">",)),
        ("node $X", [("node", "$X")], ("$",)),
        ('node "$X"', [("node", "$X")], ("$",)),
        ("node '$X'", [("node", "$X")], ()),
        ("cp a/*.js b", [("cp", "a/*.js", "b")], ("*",)),
        ('echo "a\\"b"', [("echo", 'a"b')], ()),
        ("a # b", [("a",)], ()),
        ("a#b", [("a#b",)], ()),
        ("", [], ()),
    ],
)
def test_commands(text: str, words: list[tuple[str, ...]], features: tuple[str, ...]) -> None:
    script = parse_script(text)

    assert script.problem is None
    assert [command.words for command in script.commands] == words
    assert script.features == features


def test_assignments_are_the_environment() -> None:
    assert parse_script("A=1 B='2 3' node a").commands[0].environment == (("A", "1"), ("B", "2 3"))


@pytest.mark.parametrize(
    "text", ["node 'a", "(a)", "if x; then y; fi", "{ a; }", "x" * 9_000, "for i in a; do b; done"]
)
def test_more_shell_than_is_read(text: str) -> None:
    assert parse_script(text).problem is not None
