"""Lines of logs that tell of an error."""

from __future__ import annotations

import pytest

from dockerslim.verify.compare.log_lines import (
    crashes,
    errors,
    is_same_failure,
    last_lines,
    log_lines,
    missing_or_denied,
    new_lines,
    telling_line,
)


@pytest.mark.parametrize(
    "line",
    [
        "PermissionError: [Errno 13] Permission denied: '/app/data/app.db'",
        "Error: EACCES: permission denied, open '/app/log.txt'",
        "open /app/cache: read-only file system",
        "panic: open templates/index.html: no such file or directory",
        "Error: ENOENT: no such file or directory, stat '/app/public/index.html'",
        "sqlite3.OperationalError: unable to open database file",
        "ModuleNotFoundError: No module named 'psycopg2'",
        "Error: Cannot find module 'express'",
        "./app: error while loading shared libraries: libpq.so.5: cannot open shared object file",
        "Error loading shared library libssl.so.3: No such file or directory (needed by ./app)",
        "./app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./app)",
        "sh: 1: ffmpeg: not found",
        "exec /app: exec format error",
        "x509: certificate signed by unknown authority",
        "unknown time zone Europe/Berlin",
        "jinja2: template index.html not found",
    ],
)
def test_what_an_image_has_lost(line: str) -> None:
    assert missing_or_denied([line]) == (line,)
    assert errors([line]) == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "listening on :8080",
        '"GET /missing HTTP/1.1" 404',
        "connect ECONNREFUSED 127.0.0.1:5432",
        "mkdir -p failed for path /root/.config/matplotlib: [Errno 13] Permission denied: '/root/.config/matplotlib'",
        "EACCES: permission denied, mkdir '/root/.npm/_logs'",
    ],
)
def test_what_says_nothing_of_the_image(line: str) -> None:
    assert missing_or_denied([line]) == ()


def test_crashes() -> None:
    lines = ("Traceback (most recent call last):", "panic: boom", "Segmentation fault", "all is well, no panic: x")

    assert crashes(lines) == lines[:3]


def test_lines_are_normalised_without_colours_and_places_of_packages() -> None:
    output = (
        "\x1b[32m2026-11-24 11:33:45\x1b[0m up  \n\n/usr/local/lib/python3.12/site-packages/flask/app.py:12: Warning"
    )

    assert log_lines(output) == ("«date» «time» up", "«packages»/site-packages/flask/app.py:12: Warning")
    assert log_lines("/opt/venv/lib/python3.12/site-packages/a.py") == log_lines(
        "/usr/lib/python3.12/site-packages/a.py"
    )


def test_a_line_with_another_number_is_not_new() -> None:
    assert new_lines(["try 1 failed"], ["try 1 failed", "try 2 failed", "gone", "gone"]) == ("gone",)


def test_the_same_failure() -> None:
    before = "connecting\nError: connect ECONNREFUSED db:5432\n    at /app/a.js:1\nretry 1 failed\n"
    after = "connecting\nError: connect ECONNREFUSED db:5432\n    at /srv/b.js:9\nretry 1 failed\nretry 2 failed\n"

    assert is_same_failure(before, after)
    assert is_same_failure("usage: app", "usage: app")
    assert is_same_failure("a\nusage: app", "b\nusage: app")
    assert not is_same_failure(before, "Error: Cannot find module 'pg'\n")
    assert not is_same_failure("usage: app", "")


def test_what_a_shell_prints_of_a_signal_goes_with_the_shell() -> None:
    assert is_same_failure("Killed\n", "")
    assert is_same_failure("/bin/sh: line 1: Segmentation fault (core dumped)\n", "")
    assert not is_same_failure("Killed\n", "No module named 'x'\n")


def test_the_line_that_says_why() -> None:
    assert telling_line("start\nKeyError: 'DATABASE_URL'\n\nbye\n") == "KeyError: 'DATABASE_URL'"
    assert telling_line("start\nbye\n") == "bye"
    assert telling_line("") == ""


def test_the_last_lines_are_fit_for_a_report() -> None:
    assert last_lines("a\n\nb\x07\n" + "c" * 500, 2) == "b\\x07\n" + "c" * 200
