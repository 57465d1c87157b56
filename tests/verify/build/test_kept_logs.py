"""Where the logs of failures are kept."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

import pytest

from dockerslim.verify.build.kept_logs import LOG_LIMIT, KeptLogs, default_log_folder

STARTED = datetime(2025, 3, 9, 8, 5, 1)


def test_nothing_is_made_before_a_log_is_kept(tmp_path: Path) -> None:
    KeptLogs(tmp_path / "logs", "Dockerfile", STARTED)

    assert list(tmp_path.iterdir()) == []


def test_the_logs_of_a_run_are_together(tmp_path: Path) -> None:
    logs = KeptLogs(tmp_path, "services/api/Dockerfile", STARTED)

    first, second, again = logs.keep("before", "a"), logs.keep("after", "b"), logs.keep("after", "c")

    folder = tmp_path / "2025-03-09T08-05-01"
    assert first == folder / "services-api-Dockerfile-before.log"
    assert second == folder / "services-api-Dockerfile-after.log"
    assert again == folder / "services-api-Dockerfile-after-2.log"
    assert again.read_text() == "c"
    assert logs.files == [first, second, again]


def test_two_runs_of_one_second_are_apart(tmp_path: Path) -> None:
    paths = [KeptLogs(tmp_path, "Dockerfile", STARTED).keep("before", "") for _ in range(2)]

    assert [path.parent.name for path in paths if path] == ["2025-03-09T08-05-01", "2025-03-09T08-05-01-2"]


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("../../etc/Dockerfile", "etc-Dockerfile-before.log"),
        ("-", "before.log"),
        ("C:\\work\\Dockerfile", "C-work-Dockerfile-before.log"),
        ("a b/Dockerfile\n\x1b[31m", "a-b-Dockerfile-31m-before.log"),
        ("d/" * 200 + "Dockerfile", "d-" * 41 + "Dockerfile-before.log"),
    ],
)
def test_names_are_safe(tmp_path: Path, shown: str, name: str) -> None:
    path = KeptLogs(tmp_path, shown, STARTED).keep("before", "")

    assert path is not None
    assert path.parent == tmp_path / "2025-03-09T08-05-01"
    assert path.name == name


def test_the_end_of_a_long_log_is_kept(tmp_path: Path) -> None:
    path = KeptLogs(tmp_path, "Dockerfile").keep("before", "x" * LOG_LIMIT + "the end\udc80")

    assert path is not None
    assert path.read_bytes().endswith(b"xthe end\\udc80")


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    path = KeptLogs(tmp_path / "logs", "Dockerfile").keep("before", "a token")

    assert path is not None
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_log_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")

    assert KeptLogs(tmp_path / "logs", "Dockerfile").keep("before", "a") is None


def test_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert default_log_folder() == Path("/state/dockerslim/logs")

    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_log_folder() == tmp_path / ".local/state/dockerslim/logs"

    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert default_log_folder().name == "logs"
    assert "dockerslim" in str(default_log_folder())
