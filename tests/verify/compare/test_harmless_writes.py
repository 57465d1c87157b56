"""Which writes of a program matter for another user."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dockerslim.verify.compare import harmless_writes
from dockerslim.verify.compare.harmless_writes import is_harmless, meaningful_writes


@pytest.mark.parametrize(
    "path",
    [
        "/app/__pycache__",
        "/app/pkg/__pycache__/a.cpython-312.pyc",
        "/app/__pycache__/a.cpython-312.pyc.140234",
        "/app/a.pyc",
        "/root/.npm/_logs",
        "/root/.npm/_logs/2026-11-24T11_33_45_123Z-debug-0.log",
        "/root/.npm/_update-notifier-last-checked",
        "/root/.cache/pip/http/a",
        "/root/.cache/fontconfig/x.cache-9",
        "/app/.next/cache/config.json",
        "/proc",
        "/dev/shm/x",
        "/etc/hosts",
    ],
)
def test_what_a_program_does_without(path: str) -> None:
    assert is_harmless(path, "/root")
    assert is_harmless(path)


@pytest.mark.parametrize(
    "path",
    [
        "/app/data/app.db",
        "/tmp/upload",
        "/run/app.pid",
        "/var/log/app.log",
        "/app/__pycache__/kernel.nbi",
        "/root/.npm/_cacache/index",
        "/root/.cache/huggingface/model",
        "/root/.npm",
        "/app/.next/cache/images/a",
        "/home/node/.npm/_logs/a",
        "/app/xpyc",
    ],
)
def test_what_may_matter(path: str) -> None:
    assert not is_harmless(path, "/root")


def test_folders_that_only_hold_what_changed_are_left_out() -> None:
    written = {"/app": "C", "/app/data": "C", "/app/data/app.db": "A", "/app/old": "D"}

    assert meaningful_writes(written, "/root", "/home/app") == ("/app/data/app.db", "/app/old")


def test_an_added_folder_stands_for_all_in_it() -> None:
    written = {"/app": "C", "/app/logs": "A", "/app/logs/a": "A", "/app/logs/a/1": "A", "/app/logs/2": "A"}

    assert meaningful_writes(written, "/root", None) == ("/app/logs",)


def test_an_empty_folder_counts() -> None:
    assert meaningful_writes({"/app/uploads": "A"}, "/root", None) == ("/app/uploads",)


def test_a_folder_that_holds_harmless_files_alone_is_harmless() -> None:
    written = {"/root": "C", "/root/.npm": "A", "/root/.npm/_logs": "A", "/root/.npm/_logs/x.log": "A"}

    assert meaningful_writes(written, "/root", "/home/node") == ()


@pytest.mark.parametrize(
    ("old_home", "new_home", "expected"),
    [
        ("/root", "/home/node", "/home/node/.app/state"),
        ("/root/", "/home/node/", "/home/node/.app/state"),
        ("/root", "/", "/.app/state"),
        ("/root", None, "/root/.app/state"),
        ("/", "/home/node", "/root/.app/state"),
        ("/roo", "/home/node", "/root/.app/state"),
    ],
)
def test_the_home_moves_with_the_user(old_home: str, new_home: str | None, expected: str) -> None:
    assert meaningful_writes({"/root": "C", "/root/.app": "C", "/root/.app/state": "C"}, old_home, new_home) == (
        expected,
    )


def test_the_folder_of_the_program_does_not_move() -> None:
    written = {"/root/app/app.db": "A", "/root/.state": "A"}

    assert meaningful_writes(written, "/root", "/home/app", working_folder="/root/app") == (
        "/home/app/.state",
        "/root/app/app.db",
    )
    assert meaningful_writes({"/root/app.db": "A"}, "/root", "/home/app", working_folder="/root") == ("/root/app.db",)


def test_each_entry_of_the_table_has_its_reason() -> None:
    table = Path(harmless_writes.__file__).with_suffix(".toml")

    for entry in tomllib.loads(table.read_text("utf-8"))["write"]:
        assert entry["reason"]
        assert entry["source"].startswith("https://")
        assert all(path.startswith(("/", "~/", "**/")) for path in entry["paths"])
