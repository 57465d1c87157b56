"""The head of a Go file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.languages.go.header import Embed, Import, read_header

SOURCE = """\
// Copyright.

//go:build linux

/* A block
import "not/this" */
package main

import "C"
import (
\t"os" // files
\tyaml "gopkg.in/yaml.v3"
\t_ "embed"; . "fmt"
)

//go:embed a/*.html "b c.txt"
var files embed.FS

func main() {
\timport "neither/this"
}
"""


def test_reads_the_head() -> None:
    header = read_header(SOURCE)

    assert header.package == "main"
    assert header.has_main
    assert "//go:build linux" in header.constraints
    assert header.imports == (
        Import("C", "", 9),
        Import("os", "", 11),
        Import("gopkg.in/yaml.v3", "yaml", 12),
        Import("embed", "_", 13),
        Import("fmt", ".", 13),
    )
    assert header.embeds == (Embed("a/*.html", 16), Embed("b c.txt", 16))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("os", "os"),
        ("github.com/xuri/excelize/v2", "excelize"),
        ("gopkg.in/ini.v1", "ini"),
        ("github.com/mattn/go-sqlite3", "sqlite3"),
        ("github.com/nats-io/nats.go", "nats"),
        ("github.com/lestrrat-go/file-rotatelogs", "rotatelogs"),
    ],
)
def test_the_name_of_an_import(path: str, name: str) -> None:
    assert read_header(f'package a\nimport "{path}"\n').import_of(name) == path


def test_a_given_name_hides_the_usual_one() -> None:
    header = read_header('package a\nimport (\n bolt "go.etcd.io/bbolt"\n)\n')

    assert header.import_of("bolt") == "go.etcd.io/bbolt"
    assert header.import_of("bbolt") is None


def test_main_is_a_function_of_package_main() -> None:
    assert not read_header("package lib\nfunc main() {}\n").has_main
    assert not read_header("package main\nfunc mainly() {}\n").has_main
    assert not read_header("package main\nfunc (s S) main() {}\n").has_main


PIECES = st.lists(
    st.sampled_from(
        [
            "package",
            "import",
            "main",
            "(",
            ")",
            '"os"',
            "`",
            "/*",
            "*/",
            "//",
            "\n",
            " ",
            "func main()",
            "//go:embed",
            '"',
            "\0",
            ";",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(st.text(), PIECES))
def test_never_raises(text: str) -> None:
    read_header(text).import_of("os")
