"""What make would run, read from a Makefile and never run."""

from __future__ import annotations

import pytest

from dockerslim.languages.make_command import MakeProblem, make_command
from dockerslim.languages.makefile import environment_of, read_makefile, recipes


def lines(text: str, *goals: str, there: tuple[str, ...] = (), given: dict[str, str] | None = None) -> list[str]:
    makefile = read_makefile(text, given or {}, {"HOME": "/root"}, lambda path: path in there)
    return [recipe.text for recipe in recipes(makefile, goals, "/src", lambda path: path in there)]


@pytest.mark.parametrize(
    ("text", "goals", "expected"),
    [
        ("a:\n\tgo build\n", ("a",), ["go build"]),
        ("a:\n\tgo build\nb:\n\tx\n", (), ["go build"]),
        (".DEFAULT_GOAL := b\na:\n\tx\nb:\n\ty\n", (), ["y"]),
        (".PHONY: a\na: b c\n\tx\nb:\n\ty\nc: b\n\tz\n", ("a",), ["y", "z", "x"]),
        ("a:\n\t@echo hi\n\t-rm x\n\t+@y\n", ("a",), ["echo hi", "rm x", "y"]),
        ("a:\n\tgo build \\\n\t  -o app .\n", ("a",), ["go build  -o app ."]),
        ("a: ; go build\n", ("a",), ["go build"]),
        ("# c\nB = bin/app # c\na:\n\tgo build -o $(B) .\n", ("a",), ["go build -o bin/app ."]),
        ("X = $(Y)\nY = 1\na:\n\tx $(X) ${X} $Y\n", ("a",), ["x 1 1 1"]),
        ("Y = 1\nX := $(Y)\nY = 2\na:\n\tx $(X)\n", ("a",), ["x 1"]),
        ("X = 1\nX += 2\nX ?= 3\na:\n\tx $(X)\n", ("a",), ["x 1 2"]),
        ("X ?= 3\na:\n\tx $(X)\n", ("a",), ["x 3"]),
        ("a:\n\tx $$HOME $(HOME)\n", ("a",), ["x $HOME /root"]),
        ("a:\n\tx $(NOTHING)y\n", ("a",), ["x y"]),
        ("a: b.go c.go\n\tgo build -o $@ $< $^\n", ("a",), ["go build -o a b.go b.go c.go"]),
        ("V := $(shell git describe)\na:\n\tx $(V)\n", ("a",), ["x $shell_git_describe"]),
        ("ifeq ($(CI),1)\nX = 1\nelse\nX = 2\nendif\na:\n\tx $(X)\n", ("a",), ["x $X"]),
        ("X != date\na:\n\tx $(X)\n", ("a",), ["x $X"]),
        ("a:\n\t$(MAKE) -C sub b\n", ("a",), ["make -C sub b"]),
        ("-include .env.mk\na:\n\tx $(CURDIR)\n", ("a",), ["x /src"]),
        ("a: b\nb:\n\tx\n", ("a", "b"), ["x"]),
    ],
)
def test_recipes(text: str, goals: tuple[str, ...], expected: list[str]) -> None:
    assert lines(text, *goals, there=("b.go", "c.go")) == expected


def test_the_command_line_wins() -> None:
    assert lines("X = 1\nX := 2\na:\n\tx $(X)\n", "a", given={"X": "3"}) == ["x 3"]


@pytest.mark.parametrize(
    ("text", "goal", "problem"),
    [
        ("a:\n\tx\n", "b", "no rule for `b`"),
        ("a: b\n\tx\n", "a", "no rule for `b`"),
        ("a:: \n\tx\n", "a", "two colons"),
        ("%.o: %.c\n\tx\n", "y.o", "no rule for `y.o`"),
        ("a: X = 1\na:\n\tx\n", "a", "a variable of its own"),
        ("ifdef X\na:\n\tx\nendif\n", "a", "a condition of the Makefile"),
        ("a:\nifdef X\n\tx\nendif\n", "a", "a condition of the Makefile"),
        ("include more.mk\na:\n\tx\n", "a", "includes another file"),
        ("-include there.mk\na:\n\tx\n", "a", "includes another file"),
        ("define X\ny\nendef\na:\n\tx\n", "a", "uses `define`"),
        (".ONESHELL:\na:\n\tx\n", "a", "uses `.ONESHELL`"),
        ("a: $(wildcard *.go)\n\tx\n", "a", "is computed"),
        ("there:\n\tx\n", "there", "up to date"),
        ("what is this\n", "a", "not understood"),
        ("X = $(X) $(X)\na:\n\tx $(X)\n", "a", "no end"),
        ("a:\n\tx $(X\n", "a", "not closed"),
    ],
)
def test_problems(text: str, goal: str, problem: str) -> None:
    with pytest.raises(MakeProblem, match=problem.replace("(", r"\(")):
        lines(text, goal, there=("there", "there.mk"))


def test_a_phony_target_is_always_made() -> None:
    assert lines(".PHONY: there\nthere:\n\tx\n", "there", there=("there",)) == ["x"]


def test_rules_that_need_each_other_end() -> None:
    assert lines("a: b\n\tx\nb: a\n\ty\n", "a") == ["y", "x"]


def test_environment() -> None:
    text = "export A = 1\nB = 2\nexport B\nC = 3\nexport D := $(shell x)\nHOME = /h\n"
    makefile = read_makefile(text, {"E": "5"}, {"HOME": "/root"}, lambda path: False)

    assert environment_of(makefile) == {"A": "1", "B": "2", "D": None, "E": "5", "HOME": "/h"}


@pytest.mark.parametrize(
    ("words", "folder", "file", "goals", "variables"),
    [
        (("build",), "", "", ("build",), {}),
        (("-C", "x", "-j4", "a", "b"), "x", "", ("a", "b"), {}),
        (("-Cx", "-f", "m.mk", "-j", "2", "V=1"), "x", "m.mk", (), {"V": "1"}),
        (("--silent", "-s", "a"), "", "", ("a",), {}),
    ],
)
def test_arguments(
    words: tuple[str, ...], folder: str, file: str, goals: tuple[str, ...], variables: dict[str, str]
) -> None:
    found = make_command(words)

    assert (found.folder, found.file, found.goals, dict(found.variables)) == (folder, file, goals, variables)


@pytest.mark.parametrize("words", [("-n", "a"), ("--dry-run",), ("$(X)",), ("-I", "x")])
def test_arguments_that_are_not_known(words: tuple[str, ...]) -> None:
    with pytest.raises(MakeProblem):
        make_command(words)
