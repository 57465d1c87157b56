"""Packages that are more than JavaScript."""

from __future__ import annotations

import json

import pytest

from dockerslim.languages.node.native_addons import NativeAddon, _brings, _table

from .projects import npm_lock, project


def addons(packages: dict[str, dict[str, object]]) -> dict[str, NativeAddon]:
    entries = {"": {}, **{f"node_modules/{name}": entry for name, entry in packages.items()}}
    found = project({"package-lock.json": json.dumps({"packages": entries})})
    return {addon.name: addon for addon in found.native_addons}


@pytest.mark.parametrize(
    ("name", "version", "kind"),
    [
        ("bcrypt", "5.1.1", "self-contained"),
        ("sharp", "0.33.0", "self-contained"),
        ("sharp", "0.26.3", "unknown"),
        ("better-sqlite3", "9.0.0", "self-contained"),
        ("canvas", "2.11.0", "libraries"),
        ("pg-native", "3.0.0", "libraries"),
        ("puppeteer", "21.0.0", "browser"),
        ("prisma", "5.0.0", "engine"),
        ("@prisma/client", "6.19.0", "engine"),
        ("core-js", "3.0.0", "script"),
        ("simple-git", "3.0.0", "program"),
    ],
)
def test_the_table(name: str, version: str, kind: str) -> None:
    assert addons({name: {"version": version}})[name].kind == kind


def test_the_client_of_prisma_7_has_no_engine() -> None:
    assert addons({"@prisma/client": {"version": "7.0.0"}}) == {}


def test_libraries_are_named_for_each_release() -> None:
    found = addons({"node-libcurl": {"version": "4.0.0"}})["node-libcurl"]

    assert found.slim_packages == {"bookworm": ("libcurl4",), "trixie": ("libcurl4t64",)}
    assert not found.self_contained


def test_an_install_script_that_no_table_knows() -> None:
    found = addons(
        {"a": {"hasInstallScript": True, "dev": True}, "b": {}, "x/node_modules/bcrypt": {"version": "5.0.0"}}
    )

    assert {name: (addon.unknown, addon.development) for name, addon in found.items()} == {
        "a": (True, True),
        "bcrypt": (False, False),
    }


def test_without_a_lock_file_direct_dependencies_count() -> None:
    found = project(dependencies={"bcrypt": "^5.0.0", "express": "4"}, devDependencies={"sharp": "^0.20.0"})

    assert [(a.name, a.kind, a.development) for a in found.native_addons] == [
        ("bcrypt", "self-contained", False),
        ("sharp", "unknown", True),
    ]


def test_without_a_lock_file_what_is_known_to_be_brought_along_counts() -> None:
    found = project(dependencies={"chartjs-node-canvas": "^4.0.0"}, devDependencies={"pa11y": "6", "fabric": "5"})

    assert [(a.name, a.kind, a.development) for a in found.native_addons] == [
        ("canvas", "libraries", False),
        ("puppeteer", "browser", True),
    ]


def test_a_lock_file_says_itself_what_is_brought_along() -> None:
    lock = npm_lock(dependencies={"fabric": "5"})

    assert project({"package-lock.json": lock}, dependencies={"fabric": "5"}).native_addons == ()


def test_what_is_brought_along_stands_in_the_table() -> None:
    table = _table()

    assert [name for names in _brings().values() for name in names if name not in table] == []
