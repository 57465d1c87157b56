"""The .dockerignore matcher against what Docker's own code says."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.dockerignore import IgnoreFile

DATA: dict[str, Any] = json.loads(Path(__file__).with_name("ignore_cases.json").read_text("utf-8"))
FILES: list[str] = DATA["files"]


def hidden(text: str, *paths: str) -> list[str]:
    ignore = IgnoreFile.parse(text)
    return [path for path in paths if ignore.hides(path)]


@pytest.mark.parametrize(("text", "mask"), DATA["cases"])
def test_agrees_with_docker(text: str, mask: str | None) -> None:
    ignore = IgnoreFile.parse(text)
    if mask is None:
        assert ignore.error is not None
        return
    assert ignore.error is None
    expected = [path for index, path in enumerate(FILES) if int(mask, 16) >> index & 1]
    assert [path for path in FILES if ignore.hides(path)] == expected


@pytest.mark.parametrize(("text", "mask"), DATA["cases"])
def test_a_folder_that_is_skipped_holds_nothing_to_show(text: str, mask: str | None) -> None:
    ignore = IgnoreFile.parse(text)
    for path in FILES:
        folder = path.rpartition("/")[0]
        if folder and ignore.hides(folder) and not ignore.may_show_below(folder):
            assert ignore.hides(path)


@pytest.mark.parametrize(
    ("text", "path", "is_hidden"),
    [
        ("node_modules", "node_modules/a/b.js", True),
        ("node_modules", "web/node_modules/a.js", False),
        ("**/node_modules", "web/node_modules/a.js", True),
        ("*.md\n!README.md", "README.md", False),
        ("*.md\n!README.md", "CHANGES.md", True),
        ("*.md", "docs/a.md", False),
        ("*\n!src\n!package.json", "src/a/b.ts", False),
        ("*\n!src\n!package.json", "dist/a.js", True),
        ("docs\n!docs/README.md", "docs/README.md", False),
        ("docs\n!docs/README.md", "docs/other.md", True),
        ("/build", "build/x", True),
        ("./build/", "build/x", True),
        ("../build", "build/x", False),
        ("\ufeffbuild", "build/x", True),
        ("build\r\n", "build/x", True),
        ("  # no comment", "# no comment", True),
        ("#comment", "#comment", False),
        ("\\#name", "#name", True),
        ("*/temp*", "a/temporary.txt", True),
        ("*/*/temp*", "a/temporary.txt", False),
        ("foo/**/bar", "foo/bar", True),
        ("foo/**/bar", "foo/a/b/bar", True),
        ("a[b-d]e", "ace", True),
        ("a[b-d]e", "aae", False),
        # Oddities of Docker's: a class crosses folders, an unescaped bar is an alternative.
        ("a[^b]c", "a/c", True),
        ("*.js|*.ts", "a.js.map", True),
        ("*.{js,ts}", "a.js", False),
        ("*.{js,ts}", "a.{js,ts}", True),
        (".", "a", False),
        ("", "a", False),
    ],
)
def test_rules(text: str, path: str, is_hidden: bool) -> None:
    assert IgnoreFile.parse(text).hides(path) is is_hidden


def test_an_exception_before_the_rule_is_of_no_use() -> None:
    assert hidden("!keep.md\n*.md", "keep.md") == ["keep.md"]


def test_rules_know_their_lines() -> None:
    ignore = IgnoreFile.parse("# first\n\n  dist/ \n! ./src//a\n")
    assert [(rule.line, rule.text, rule.pattern, rule.shows) for rule in ignore.rules] == [
        (3, "dist/", "dist", False),
        (4, "! ./src//a", "src/a", True),
    ]


def test_says_which_rule_decides() -> None:
    ignore = IgnoreFile.parse("*\n!src\nsrc/secret")
    assert ignore.rule_for("src/secret/key") == ignore.rules[2]
    assert ignore.rule_for("src/a") == ignore.rules[1]
    assert ignore.rule_for("a") == ignore.rules[0]
    assert IgnoreFile.parse("b").rule_for("a") is None


def test_tolerates_what_docker_refuses() -> None:
    ignore = IgnoreFile.parse("a\n[\n!\nb")
    assert ignore.error == "line 2: syntax error in pattern '['"
    assert [rule.line for rule in ignore.rules] == [1, 4]
    assert ignore.hides("b")


@pytest.mark.parametrize("folder", ["a", "a/b"])
def test_only_a_fitting_exception_can_show(folder: str) -> None:
    assert IgnoreFile.parse("a\n!a/b/c").may_show_below(folder)
    assert IgnoreFile.parse("a\n!**/*.md").may_show_below(folder)
    assert not IgnoreFile.parse("a\n!b").may_show_below(folder)
    assert not IgnoreFile.parse("a").may_show_below(folder)


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 60 + "b",
        "**/*a" * 20 + "b",
        "**/a/" * 40 + "b",
        "a?*" * 30 + "b",
        "**" * 500 + "x",
        "*" * 501 + "x",
        "**/*/" * 50 + "b",
        "*a|" * 50 + "b",
        "**/a**a**a**a**b",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    ignore = IgnoreFile.parse(pattern)
    start = time.perf_counter()
    for path in ("a" * 255, "/".join("a" * 100), "/".join(["a" * 250] * 16)):
        ignore.hides(path)
    assert time.perf_counter() - start < 3


def test_a_large_tree_is_fast() -> None:
    ignore = IgnoreFile.parse("\n".join(f"**/generated{number}/*.y{number}" for number in range(30)))
    start = time.perf_counter()
    assert not any(ignore.hides(f"src/package{n % 300}/module{n % 50}/file{n}.py") for n in range(20_000))
    assert time.perf_counter() - start < 5


PATTERN_TEXT = st.text(st.sampled_from("ab/*?[]!^-\\.#|{}()$ \n\r\t0d\u00e9\ufeff\x00"), max_size=40) | st.text(
    max_size=40
)


@settings(deadline=None, max_examples=300)
@given(PATTERN_TEXT, st.text(st.sampled_from("ab/.*-\\\n\u00e9"), max_size=20) | st.text(max_size=20))
def test_never_raises(text: str, path: str) -> None:
    ignore = IgnoreFile.parse(text)
    ignore.hides(path)
    ignore.rule_for(path)
    ignore.may_show_below(path)
