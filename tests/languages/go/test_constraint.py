"""Which files a build for Linux takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.languages.go.constraint import is_built, is_built_by_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main.go", True),
        ("main_test.go", False),
        ("_main.go", False),
        (".main.go", False),
        ("linux.go", True),
        ("windows.go", True),
        ("x_windows.go", False),
        ("x_linux.go", True),
        ("x_arm64.go", True),
        ("x_windows_amd64.go", False),
        ("x_linux_amd64.go", True),
        ("x_js_wasm.go", False),
        ("x.txt", False),
    ],
)
def test_by_name(name: str, expected: bool) -> None:
    assert is_built_by_name(name) is expected


@pytest.mark.parametrize(
    ("line", "tags", "expected"),
    [
        ("//go:build ignore", "", False),
        ("//go:build linux", "", True),
        ("//go:build !linux", "", False),
        ("//go:build windows || (linux && amd64)", "", True),
        ("//go:build cgo", "", True),
        ("//go:build !cgo", "", True),
        ("//go:build !cgo && ignore", "", False),
        ("//go:build go1.18 && unix", "", True),
        ("//go:build integration", "", False),
        ("//go:build integration", "integration", True),
        ("//go:build !integration", "integration", False),
        ("//go:build (", "", True),
        ("//go:build linux &&", "", True),
        ("//go:build " + "(" * 400 + "ignore" + ")" * 400, "", True),
        ("// +build ignore", "", False),
        ("// +build windows linux,!ignore", "", True),
        ("// an ordinary comment", "", True),
    ],
)
def test_by_line(line: str, tags: str, expected: bool) -> None:
    assert is_built((line,), frozenset(tags.split())) is expected


def test_the_new_line_counts_where_both_stand() -> None:
    assert is_built(("//go:build linux", "// +build ignore"))


@given(st.text(alphabet="!()&| linuxcgo\n\t1.", max_size=80))
def test_never_raises(text: str) -> None:
    is_built(("//go:build " + text, "// +build " + text))
