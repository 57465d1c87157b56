"""Folders that the author prepared for the program to write into."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.prepared_folders import prepared_folders
from tests.transforms.rewriting import mounts, service


def of(text: str, files: Mapping[str, str] | None = None, usage: Usage | None = None) -> tuple[str, ...]:
    context = BuildContext.in_memory(files or {})
    case = Case(Dockerfile.of_text(text), context, usage or Usage.none(), Catalogue.load())
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
    assert of(text) == written


def test_a_made_folder_that_is_filled_is_not_for_writing() -> None:
    text = "FROM debian:12\nRUN mkdir /assets\nCOPY a.txt /assets/\n"

    assert of(text, {"a.txt": "x"}) == ()


@pytest.mark.parametrize("name", [".gitkeep", ".gitignore"])
def test_a_folder_that_git_only_keeps(name: str) -> None:
    text = "FROM debian:12\nWORKDIR /app\nCOPY . .\n"

    assert of(text, {f"out/{name}": "", "src/a.txt": "x", "src/.gitignore": ""}) == ("/app/out/",)


@pytest.mark.parametrize("folder", ["certs", "ssl", "config/keys", ".secrets"])
def test_keys_that_come_later_are_only_read(folder: str) -> None:
    assert of(f"FROM debian:12\nCOPY {folder} /srv/{folder}\n", {f"{folder}/.gitkeep": ""}) == ()


def test_a_folder_of_keys_that_a_run_makes_is_filled_by_the_program() -> None:
    assert of("FROM debian:12\nRUN mkdir -p /srv/certs\n") == ("/srv/certs/",)


@pytest.mark.parametrize(
    ("source", "target", "kind", "prepared"),
    [
        ("data", "/data", "volume", ("/data/",)),
        ("data", "/app/uploads", "volume", ("/app/uploads/",)),
        ("data", "/app/public", "volume", ()),
        ("modules", "/app/node_modules", "volume", ()),
        ("data", "/app", "volume", ()),
        ("data", "/var/lib", "volume", ()),
        ("./data", "/data", "bind", ()),
        ("", "/data", "anonymous", ()),
    ],
)
def test_the_folder_of_a_named_volume(source: str, target: str, kind: str, prepared: tuple[str, ...]) -> None:
    text = "FROM debian:12\nWORKDIR /app\nCOPY . .\n"

    assert of(text, {"public/a.txt": "x"}, mounts(source, target, kind)) == prepared


def test_the_folder_of_a_service_with_a_user_is_its_own_affair() -> None:
    usage = service(user="1000", volumes=mounts("data", "/data", "volume").services[0].volumes)

    assert of("FROM debian:12\n", usage=usage) == ()


def test_a_volume_of_the_image() -> None:
    assert of("FROM debian:12\nVOLUME /data /etc/app\n") == ("/data/",)


def test_a_volume_where_nothing_makes_a_folder() -> None:
    assert of("FROM scratch\n", usage=mounts("data", "/data", "volume")) == ()
