"""go.mod and go.work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.languages.go.module import Replace, Require, at_least, folder_in_context, parse_module, parse_workspace

FULL = """\
// A comment.
module "example.com/shop" // trailing

go 1.22.0
toolchain go1.23.1

require github.com/one/one v1.0.0
require (
\tgithub.com/two/two v2.0.0 // indirect
\tgithub.com/three/three v0.1.0 // indirect; kept for the linter
\tgithub.com/four/four v0.1.0 // used directly
)
exclude github.com/one/one v0.9.0
retract [v1.0.0, v1.1.0]
replace (
\tgithub.com/one/one => ../one
\tgithub.com/two/two v2.0.0 => ./fork/two
\tgithub.com/four/four => github.com/fork/four v0.2.0
)
"""


def test_reads_all_that_matters() -> None:
    module = parse_module(FULL, "svc/go.mod", has_sum=True)

    assert (module.path, module.go, module.toolchain) == ("example.com/shop", "1.22.0", "go1.23.1")
    assert module.requires == (
        Require("github.com/one/one", "v1.0.0", False, 7),
        Require("github.com/two/two", "v2.0.0", True, 9),
        Require("github.com/three/three", "v0.1.0", True, 10),
        Require("github.com/four/four", "v0.1.0", False, 11),
    )
    assert module.replaces == (
        Replace("github.com/one/one", "../one", True, "one", 16),
        Replace("github.com/two/two", "./fork/two", True, "svc/fork/two", 17),
        Replace("github.com/four/four", "github.com/fork/four", False, None, 18),
    )
    assert module.problems == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("module a\nrequire github.com/x/y\n", 2),
        ("module a\nreplace b = ./c\n", 2),
        ("module a\nreplace b => c\n", 2),
        ("module a\ngo\n", 2),
        ("go 1.22\n", 0),
        ("<<<<<<< HEAD\n", 0),
    ],
)
def test_says_what_is_malformed(text: str, line: int) -> None:
    assert parse_module(text).problems[0].line == line


def test_crlf_and_an_empty_block() -> None:
    module = parse_module("module a\r\nrequire ()\r\nrequire (\r\n\tb v1.0.0 // indirect\r\n)\r\n")

    assert module.path == "a"
    assert module.requires == (Require("b", "v1.0.0", True, 4),)


def test_workspace() -> None:
    workspace = parse_workspace(
        "go 1.22\nuse .\nuse (\n\t./api\n\t../../out // far\n)\nreplace x => ./x\n", "svc", True
    )

    assert workspace.use == ("svc", "svc/api", None)
    assert workspace.file == "svc/go.work"
    assert workspace.replaces == (Replace("x", "./x", True, "svc/x", 7),)


@pytest.mark.parametrize(
    ("base", "path", "folder"),
    [
        ("", ".", ""),
        ("", "./a/../b", "b"),
        ("a", "..", ""),
        ("a", "../b", "b"),
        ("a", "../../b", None),
        ("", "..", None),
        ("", "/abs", None),
        ("", "C:\\x", None),
        ("", ".\\x", "x"),
    ],
)
def test_folder_in_context(base: str, path: str, folder: str | None) -> None:
    assert folder_in_context(base, path) == folder


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.13", False), ("1.14", True), ("1.9", False), ("1.22rc1", True), ("2", True), ("", True)],
)
def test_at_least(version: str, expected: bool) -> None:
    assert at_least(version, 1, 14) is expected


WORDS = st.lists(
    st.sampled_from(
        [
            "module",
            "require",
            "replace",
            "use",
            "go",
            "(",
            ")",
            "=>",
            "./a",
            '"',
            "`",
            "//",
            "\n",
            " ",
            "\r\n",
            "v1.0.0",
            "\0",
            "é",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(st.one_of(st.text(), WORDS))
def test_never_raises(text: str) -> None:
    parse_module(text)
    parse_workspace(text)
