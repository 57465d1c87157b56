"""Folders that the author prepared for the program to write into."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.prepared_folders import PreparedFolders, prepared_folders


def of(text: str, files: Mapping[str, str] | None = None) -> PreparedFolders:
    case = Case(Dockerfile.of_text(text), BuildContext.in_memory(files or {}), Usage.none(), Catalogue.load())
    return prepared_folders(case, case.stage)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("FROM debian:12\nRUN mkdir -p /data\n", ("/data/",)),
        ("FROM debian:12\nWORKDIR /app\nRUN apt-get update && mkdir logs out\n", ("/app/logs/", "/app/out/")),
        ("FROM debian:12\nRUN mkdir /app\nWORKDIR /app\n", ()),
        ("FROM debian:12\nRUN mkdir -p /etc/app\nRUN mkdir -p /root/.ssh\n", ()),
        ("FROM debian:12\nRUN mkdir $X\n", ()),
        ("FROM debian:12 AS b\nRUN mkdir /data\nFROM debian:12\nCOPY --from=b /data /data\n", ("/data/",)),
    ],
)
def test_made_by_mkdir(text: str, written: tuple[str, ...]) -> None:
    assert of(text).written == written


def test_a_made_folder_that_is_filled_is_not_for_writing() -> None:
    text = "FROM debian:12\nRUN mkdir /assets\nCOPY a.txt /assets/\n"

    assert of(text, {"a.txt": "x"}).written == ()


@pytest.mark.parametrize("name", [".gitkeep", ".gitignore"])
def test_a_folder_that_git_only_keeps(name: str) -> None:
    text = "FROM debian:12\nWORKDIR /app\nCOPY . .\n"

    assert of(text, {f"out/{name}": "", "src/a.txt": "x", "src/.gitignore": ""}).written == ("/app/out/",)


def test_a_folder_for_keys_may_hold_what_only_root_can_read() -> None:
    assert of("FROM debian:12\nCOPY certs /certs\n", {"certs/.gitkeep": ""}) == PreparedFolders((), "certs")
