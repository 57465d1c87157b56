"""What is looked at, what is left alone, what is rejected."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Case, Options
from dockerslim.fleet.open_case import LeftAlone, Rejected, open_case


def opened(folder: Path, text: str) -> Case:
    return open_case(text.encode(), folder / "Dockerfile", "Dockerfile", Options())


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("FROM {{ base }}\n", "a template", 1),
        ("FROM a\n{% if x %}\nRUN b\n{% endif %}\n", "a template", 2),
        ("FROM a\nCOPY <%= files %> /srv/\n", "a template", 2),
        ("FROM a\nCOPY %%FILES%% /srv/\n", "a template", 2),
        ("# syntax=example.com/other\nFROM a\n", "the frontend `example.com/other`", 1),
        ("# escape=`\nFROM a\n", "the escape character", 1),
        ("FROM a\nRUN b\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\n", "Windows", 3),
        ("FROM --platform=windows/amd64 a\n", "Windows", 1),
    ],
)
def test_left_alone(tmp_path: Path, text: str, reason: str, line: int) -> None:
    with pytest.raises(LeftAlone) as caught:
        opened(tmp_path, text)

    assert reason in caught.value.reason
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("# a\n", 1), ("RUN a\n", 1), ("FROM a\n\nNOTHING b\n", 3), ("FROM a\nRUN <<EOF\n", 2), ("\x00\n", 1)],
)
def test_rejected(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(Rejected) as caught:
        opened(tmp_path, text)

    assert caught.value.line == line
    assert caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "# syntax=docker/dockerfile:1\nFROM a\n",
        "# syntax=docker.io/docker/dockerfile:1.7-labs\nFROM a\n",
        "# escape=\\\nFROM a\n",
        "FROM a\nRUN docker inspect --format '{{.Id}}' b\n",
        "FROM a\nRUN awk '{print $1}' | sed 's/{%/x/'\n",
        'FROM a\nLABEL a="{{b}}"\n',
    ],
)
def test_looked_at(tmp_path: Path, text: str) -> None:
    assert opened(tmp_path, text).dockerfile.text == text


def test_context_and_use_are_read(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("", "utf-8")
    (tmp_path / "compose.yaml").write_text("services:\n  a:\n    build: .\n    command: serve\n", "utf-8")

    case = opened(tmp_path, "FROM a\nCOPY app.py /srv/\n")

    assert case.context is not None
    assert case.context.is_file("app.py")
    assert [service.service for service in case.usage.services] == ["a"]
