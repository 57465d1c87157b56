"""Files of the host in the container: which of them a user who isn't root can do with."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.context.usage import Mount, ServiceUse, Usage
from dockerslim.split.bind_mounts import is_only_read
from dockerslim.split.running import RunningProgram
from tests.transforms.rewriting import rewrite

APP = {"app.py": "print('x')\n", "log.py": "open('out/log.txt', 'w')\n", "runs.py": "import os\nos.system('x')\n"}
TEXT = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD ["python", "app.py"]\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for name in ("src/app.py", "deploy/compose.yml", "secret.key"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "secret.key").chmod(0o600)
    (root / "empty").mkdir()
    (root / "closed").mkdir(mode=0o700)
    (root / "closed/a").write_text("")
    (root / "link").symlink_to("/etc/hosts")
    (tmp_path / "outside").write_text("")
    return root


def is_read(root: Path | None, source: str, target: str, program: RunningProgram | None) -> bool:
    service = ServiceUse("compose.yml", "web", 1, Path())
    return is_only_read(root, service, Mount(source, target, "bind", 1), program)


@pytest.mark.parametrize(
    ("source", "target", "written"),
    [
        (".", "/app", ()),
        ("./", "/app", ("/data/app.db",)),
        ("./src", "/app/src", ("/app/out/", "/app/srclog")),
        ("src/app.py", "/app/app.py", ("/app/log.txt",)),
    ],
)
def test_source_that_is_read(repository: Path, source: str, target: str, written: tuple[str, ...]) -> None:
    assert is_read(repository, source, target, RunningProgram(written))


@pytest.mark.parametrize(
    ("source", "target", "written"),
    [
        (".", "/app", ("/app/log.txt",)),
        (".", "/app/", ("/app/out/",)),
        ("./src", "/app/src", ("/app/",)),
        ("./src", "/app/src", ("/",)),
        ("./src", "/root/src", ()),
        ("./missing", "/app/missing", ()),
        ("./empty", "/app/empty", ()),
        ("./closed", "/app/closed", ()),
        ("./secret.key", "/app/secret.key", ()),
        ("./link", "/app/link", ()),
        ("../outside", "/app/outside", ()),
        ("/etc", "/app/etc", ()),
        ("~/x", "/app/x", ()),
        ("$PWD", "/app", ()),
        ("./${NAME}", "/app", ()),
        ("C:\\x", "/app", ()),
        ("./\0", "/app", ()),
    ],
)
def test_files_that_may_be_roots(repository: Path, source: str, target: str, written: tuple[str, ...]) -> None:
    assert not is_read(repository, source, target, RunningProgram(written))


def test_what_is_not_known_may_be_written(repository: Path) -> None:
    assert not is_read(None, ".", "/app", RunningProgram())
    assert not is_read(repository, ".", "/app", None)
    assert not is_read(repository, ".", "/app", RunningProgram(unknown=("the program runs `x`",)))


def risks(root: Path, **said: object) -> tuple[str, ...]:
    mount = Mount("../src", "/app", "bind", 3)
    service = ServiceUse("deploy/compose.yml", "web", 1, Path(), volumes=(mount,), **said)  # type: ignore[arg-type]
    got = rewrite("add-user", TEXT, APP, usage=Usage(services=(service,), root=root))
    assert got.reasons == ()
    assert ("USER 1000:1000" in got.text) == (not got.risks)
    return got.risks


@pytest.mark.parametrize("command", [None, ("python", "app.py"), "python app.py", ("python", "app.py", "--debug")])
def test_a_service_that_mounts_the_source(repository: Path, command: object) -> None:
    assert risks(repository, command=command) == ()


def test_an_entrypoint_of_a_service_replaces_the_images_program() -> None:
    def risk(**said: object) -> tuple[str, ...]:
        service = ServiceUse("compose.yml", "job", 1, Path(), **said)  # type: ignore[arg-type]
        return rewrite("add-user", TEXT, APP, usage=Usage(services=(service,))).risks

    assert risk(entrypoint=("python", "app.py")) == ()
    assert risk(entrypoint=("python",), command=("app.py", "-v")) == ()
    assert risk(entrypoint=("python", "log.py"), user="1000") == ()
    assert risk(entrypoint=("sh", "-c", "python app.py")) == ()
    reason = "service `job` of `compose.yml`: the program runs `x`, and what that writes is not known"
    assert risk(entrypoint=("python", "runs.py")) == (reason,)
    assert risk(entrypoint=("python",), command="runs.py") == (reason,)
    assert risk(entrypoint=("sh", "-c", "exec python runs.py")) == (reason,)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"command": "python log.py"}, "`deploy/compose.yml` mounts `../src`, whose files may be root's"),
        ({"entrypoint": "python log.py"}, "`deploy/compose.yml` mounts `../src`, whose files may be root's"),
        (
            {"command": "npm run dev"},
            "service `web` of `deploy/compose.yml`: what `npm` writes is not known",
        ),
        (
            {"entrypoint": ("sh", "x.sh")},
            "service `web` of `deploy/compose.yml`: what `x.sh` does when the container starts is not known",
        ),
    ],
)
def test_a_service_that_does_something_else_with_it(repository: Path, said: dict[str, object], reason: str) -> None:
    assert risks(repository, **said) == (reason,)
