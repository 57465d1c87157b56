"""Every command of a shell script, wherever it stands."""

from __future__ import annotations

import pytest

from dockerslim.dockerfile.shell_nested import nested_script


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a 1\nb && c || d; e | f &", [("a", "1"), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("if a; then b; elif c; then d; else e; fi", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("until ! a; do b; done", [("a",), ("b",)]),
        ("for x in 1 2; do a $x; done", [("a", "$x")]),
        ('case "$1" in\n  a|b) c ;;\n  *) exec "$@" ;;\nesac', [("c",), ("exec", '"$@"')]),
        ("x=$(a `b`) c", [("c",), ("a", "`b`"), ("b",)]),
        ("(a; { b; })", [("a",), ("b",)]),
        ("a > log b", [("a", "b")]),
        ("cat <<E\n$(a)\nE", [("cat",), ("a",)]),
        ("# a\n\n", []),
    ],
)
def test_commands(text: str, commands: list[tuple[str, ...]]) -> None:
    found = nested_script(text)

    assert found.problem == ""
    assert [item.command.known_arguments() for item in found.commands if item.command.words] == commands


def test_assignments_and_declarations() -> None:
    found = nested_script('A=1\nexport B=2 C="$A"\nD=4 run')

    names = [[name for name, _ in item.command.assignments] for item in found.commands]
    assert names == [["A"], ["B", "C"], ["D"]]


def test_what_runs_always_and_what_may_not() -> None:
    found = nested_script("a && b\nif c; then d; fi\nf() { e; }")

    assert [item.is_nested for item in found.commands] == [False, False, True, True, True]
    assert [item.function for item in found.commands] == ["", "", "", "", "f"]
    assert found.functions == {"f"}


def test_redirections() -> None:
    assert nested_script("a > x\nif b; then c; fi >> y").redirects == ("> x", ">> y")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("if a; then", "can't be parsed"),
        ("a\r\n", "holds characters that a shell takes for text"),
        ("cat <<E | psql\nE", "holds a redirection among the words of a command"),
        ("a" * 100_001, "is too long"),
    ],
)
def test_what_can_t_be_read(text: str, problem: str) -> None:
    assert nested_script(text).problem == problem


def test_deep_nesting_is_no_recursion() -> None:
    nested_script("(" * 5_000 + "a" + ")" * 5_000)
