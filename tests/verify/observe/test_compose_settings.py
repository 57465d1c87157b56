"""How compose and the options together say what is built and run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dockerslim.case import Case, Options
from dockerslim.context.environment_file import read_environment
from dockerslim.context.usage import Usage
from dockerslim.fleet.open_case import open_case
from dockerslim.verify.build.context_copy import CopyLimits
from dockerslim.verify.observe import compose_mounts
from dockerslim.verify.observe.compose_mounts import PlannedFile, PlannedMount
from dockerslim.verify.observe.compose_settings import RunSettings, run_settings
from dockerslim.verify.options import VerifyOptions

DOCKERFILE = 'FROM alpine:3 AS build\nFROM alpine:3 AS app\nWORKDIR /srv/app\nCMD ["sleep", "1"]\n'


def opened(root: Path, files: Mapping[str, str], dockerfile: str = DOCKERFILE) -> Case:
    (root / ".git").mkdir()
    for path, text in {"Dockerfile": dockerfile, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return open_case(dockerfile.encode(), root / "Dockerfile", "Dockerfile", Options())


def settings(
    root: Path,
    service: str,
    files: Mapping[str, str] = {},
    options: VerifyOptions | None = None,
    host: Mapping[str, str] = {},
) -> RunSettings:
    """What a compose file with one service says; `service` are the lines below its build."""
    lines = "".join(f"    {line}\n" for line in service.splitlines())
    compose = f"services:\n  web:\n    build: .\n{lines}"
    return run_settings(opened(root, {"compose.yaml": compose, **files}), options or VerifyOptions(), host)


def test_without_compose_the_options_alone_count(tmp_path: Path) -> None:
    options = VerifyOptions(
        build_arguments=(("A", "1"),),
        secrets=("id=t",),
        ssh="default",
        environment=(("B", "2"),),
        environment_files=(Path("my.env"),),
        platform="linux/arm64",
        target="build",
    )

    found = run_settings(replace(opened(tmp_path, {}), usage=Usage.none()), options, {})

    assert (found.build.arguments, found.build.secrets, found.build.ssh) == ({"A": "1"}, ("id=t",), "default")
    assert (found.build.platform, found.build.target) == ("linux/arm64", "build")
    assert found.environment == {"B": "2"}
    assert found.environment_files == (Path("my.env"),)
    assert (found.service, found.notes, found.mounts) == ("", (), ())


def test_a_service_is_taken_over(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        'environment:\n  PORT: 8080\n  MODE: "a b"\n'
        'command: serve --name \'two words\'\nentrypoint: ["/bin/run", "-v"]\nuser: "1000"\nworking_dir: /srv',
    )

    assert found.environment == {"PORT": "8080", "MODE": "a b"}
    assert found.entrypoint == "/bin/run"
    assert found.command == ("-v", "serve", "--name", "two words")
    assert (found.user, found.working_folder) == ("1000", "/srv")
    assert found.service == "compose.yaml: web"
    assert found.notes == ("run with the command of `web` in compose.yaml, not with the image's own",)


def test_what_the_options_say_wins(tmp_path: Path) -> None:
    compose = (
        "services:\n  web:\n    environment: [A=compose, B=compose]\n"
        "    build:\n      context: .\n      target: build\n      args: {X: compose, Y: compose}\n"
    )
    options = VerifyOptions(environment=(("A", "option"),), build_arguments=(("X", "option"),), target="app")

    found = run_settings(opened(tmp_path, {"compose.yaml": compose}), options, {})

    assert found.environment == {"A": "option", "B": "compose"}
    assert found.build.arguments == {"X": "option", "Y": "compose"}
    assert found.build.target == "app"


def test_compose_names_the_target(tmp_path: Path) -> None:
    compose = "services:\n  web:\n    build: {context: ., target: build}\n"

    assert run_settings(opened(tmp_path, {"compose.yaml": compose}), VerifyOptions(), {}).build.target == "build"


def test_a_target_that_is_not_there(tmp_path: Path) -> None:
    compose = "services:\n  web:\n    build: {context: ., target: gone}\n"

    found = run_settings(opened(tmp_path, {"compose.yaml": compose}), VerifyOptions(), {})

    assert found.build.target is None
    assert found.notes == ("the Dockerfile has no stage `gone`, which the service builds",)


@pytest.mark.parametrize(
    ("entrypoint", "expected"),
    [("[]", ""), ('""', ""), ("/run", "/run"), ("null", None)],
)
def test_entrypoints(tmp_path: Path, entrypoint: str, expected: str | None) -> None:
    assert settings(tmp_path, f"entrypoint: {entrypoint}").entrypoint == expected


def test_a_command_with_an_open_quote(tmp_path: Path) -> None:
    found = settings(tmp_path, "command: echo 'x")

    assert found.command == ()
    assert "can't be split" in found.notes[0]


def test_values_from_the_host(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        "environment: [TOKEN, FROM_FILE, NOWHERE, 'HOME=$APP_HOME']\n",
        {".env": "FROM_FILE=file\nTOKEN=file\n"},
        host={"TOKEN": "host", "HOME": "/home/somebody"},
    )

    assert found.environment == {"TOKEN": "host", "FROM_FILE": "file"}
    assert found.notes == ("not set, because the host's environment has no value: NOWHERE, HOME",)


def test_environment_files(tmp_path: Path) -> None:
    outside = tmp_path / "outside.env"
    outside.write_text("SECRET=1\n")
    root = tmp_path / "repository"
    root.mkdir()
    found = settings(
        root,
        "env_file: [one.env, two.env, gone.env, ../outside.env]\nenvironment: {B: service}",
        {"one.env": "A=one\nB=one\nC=one\n", "two.env": "C='two'\n"},
    )

    assert found.environment == {"A": "one", "B": "service", "C": "two"}
    assert [note.split("`")[1] for note in found.notes] == ["gone.env", "../outside.env"]


def test_volumes_are_fresh_ones(tmp_path: Path) -> None:
    found = settings(tmp_path, "volumes: [data:/data, /cache]\ntmpfs: [/run/app]")

    assert found.mounts == (
        PlannedMount("/data"),
        PlannedMount("/cache"),
        PlannedMount("/run/app", is_for_all=True),
    )
    assert found.notes == ()


def test_folders_and_files_of_the_repository_are_copied(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        "volumes: ['./media:/media:ro', './app.ini:/etc/app.ini', './made-by-the-engine:/new']",
        {"media/a": "", "app.ini": ""},
    )

    assert found.mounts == (PlannedMount("/media", tmp_path / "media"), PlannedMount("/new"))
    assert found.files == (PlannedFile("/etc/app.ini", tmp_path / "app.ini"),)
    assert found.notes == ()


def test_nothing_else_of_the_host_is_mounted(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (tmp_path / "private").mkdir()
    (root / "link").symlink_to(tmp_path / "private")
    found = settings(
        root,
        "volumes: ['/var/run/docker.sock:/var/run/docker.sock',"
        " '../private:/a', './link:/b', '~/x:/c', '$DATA:/d', '/etc:/e']",
    )

    assert (found.mounts, found.files) == ((), ())
    assert found.notes[0] == "the engine's socket is not mounted at `/var/run/docker.sock`"
    assert [note.rsplit(": ", 1)[1] for note in found.notes[1:]] == ["it is not in the repository"] * 5


def test_a_large_folder_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_mounts, "MOUNT_LIMITS", CopyLimits(bytes=10))

    found = settings(tmp_path, "volumes: ['./data:/data']", {"data/a": "x" * 20})

    assert found.mounts == ()
    assert "too large to copy" in found.notes[0]


@pytest.mark.skipif(os.name != "posix", reason="fifos")
def test_a_fifo_is_not_mounted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "neither a file nor a folder" in settings(tmp_path, "volumes: ['./pipe:/pipe']").notes[0]


def test_a_mount_over_the_work_folder_is_told(tmp_path: Path) -> None:
    found = settings(tmp_path, "volumes: ['.:/srv/app']")

    assert found.mounts == (PlannedMount("/srv/app", tmp_path),)
    assert found.notes == ("`.` at `/srv/app` hides what the image holds there, before as after",)


def test_the_service_that_is_most_like_the_image(tmp_path: Path) -> None:
    compose = (
        "services:\n"
        "  builder:\n    build: {context: ., target: build}\n"
        "  migrate:\n    build: .\n    command: migrate\n"
        "  web:\n    build: .\n    environment: {A: web}\n"
    )
    development = "services:\n  web:\n    build: .\n    environment: {A: development}\n"
    case = opened(tmp_path, {"docker-compose.yml": compose, "docker-compose.dev.yml": development})

    found = run_settings(case, VerifyOptions(), {})

    assert found.service == "docker-compose.yml: web"
    assert found.notes[0].startswith("run like the service `web` of docker-compose.yml, one of 4")
    assert run_settings(case, VerifyOptions(target="build"), {}).service == "docker-compose.yml: builder"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("export A = 1 ", {"A": "1"}),
        ("A='1 # 2' # 3", {"A": "1 # 2"}),
        ('A="1" ', {"A": "1"}),
        ("A=1 # 2", {"A": "1"}),
        ("A=1#2", {"A": "1#2"}),
        ("A=# 2", {"A": ""}),
        ("A='1", {"A": "'1"}),
        ("A=", {"A": ""}),
        ("# A=1", {}),
        ("A", {}),
        ("", {}),
    ],
)
def test_a_line_of_an_environment_file(line: str, expected: dict[str, str]) -> None:
    assert read_environment(line) == expected
