"""What hosting platforms run in a Dockerfile's image."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.context.compose import Mount
from dockerslim.context.usage import read_usage


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "api").mkdir()
    for name in ("Dockerfile", "api/Dockerfile", "worker.Dockerfile"):
        (root / name).write_text("FROM scratch\n")
    return root


def uses(dockerfile: Path) -> list[tuple[str, str, object]]:
    return [(use.file, use.service, use.command) for use in read_usage(dockerfile).services]


FLY = """app = "x"
[build]
  dockerfile = "{}"
[deploy]
  release_command = "npx prisma migrate deploy"
[processes]
  web = "node server.js"
  worker = "node worker.js"
[mounts]
  source = "data"
  destination = "/data"
"""


def test_fly(repository: Path) -> None:
    (repository / "fly.toml").write_text(FLY.format("./api/Dockerfile"))

    assert uses(repository / "Dockerfile") == []
    assert uses(repository / "api/Dockerfile") == [
        ("fly.toml", "web", "node server.js"),
        ("fly.toml", "worker", "node worker.js"),
        ("fly.toml", "release_command", "npx prisma migrate deploy"),
    ]
    first = read_usage(repository / "api/Dockerfile").services[0]
    assert first.volumes == (Mount("", "/data", "volume", 1),)


def test_fly_beside_the_dockerfile(repository: Path) -> None:
    (repository / "api/fly.toml").write_text('[[mounts]]\nsource = "d"\ndestination = "/data"\n')

    (use,) = read_usage(repository / "api/Dockerfile").services
    assert (use.file, use.command, use.volumes) == ("api/fly.toml", None, (Mount("", "/data", "volume", 1),))


def test_heroku(repository: Path) -> None:
    (repository / "heroku.yml").write_text(
        "build:\n  docker:\n    web: Dockerfile\n    jobs: worker.Dockerfile\n"
        "release:\n  image: web\n  command:\n    - ./migrate\n    - ./seed\n"
        "run:\n  web: ./serve\n  jobs: ./work\n  mailer:\n    command: [./mail]\n    image: web\n"
    )

    assert uses(repository / "Dockerfile") == [
        ("heroku.yml", "web", "./serve"),
        ("heroku.yml", "mailer", "./mail"),
        ("heroku.yml", "release", "./migrate && ./seed"),
    ]
    assert uses(repository / "worker.Dockerfile") == [("heroku.yml", "jobs", "./work")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("railway.toml", '[deploy]\nstartCommand = "npm start"\npreDeployCommand = ["npm run migrate"]\n'),
        ("railway.json", '{"deploy": {"startCommand": "npm start", "preDeployCommand": "npm run migrate"}}'),
    ],
)
def test_railway(repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text)

    assert uses(repository / "Dockerfile") == [
        (name, "startCommand", "npm start"),
        (name, "preDeployCommand", "npm run migrate"),
    ]


def test_render(repository: Path) -> None:
    (repository / "render.yaml").write_text(
        "services:\n"
        "- {type: web, name: site, runtime: docker, dockerCommand: ./run, preDeployCommand: ./migrate,"
        " disk: {name: d, mountPath: /data}}\n"
        "- {type: web, name: api, env: docker, dockerfilePath: ./api/Dockerfile}\n"
        "- {type: web, name: other, runtime: node, startCommand: npm start}\n"
    )

    assert uses(repository / "Dockerfile") == [
        ("render.yaml", "site", "./run"),
        ("render.yaml", "preDeployCommand of site", "./migrate"),
    ]
    assert uses(repository / "api/Dockerfile") == [("render.yaml", "api", None)]


def test_they_say_nothing_of_the_build(repository: Path) -> None:
    (repository / "fly.toml").write_text(FLY.format("api/Dockerfile"))
    (repository / "compose.yaml").write_text("services: {web: {build: api}}\n")

    assert read_usage(repository / "api/Dockerfile").context == repository / "api"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fly.toml", "[deploy\n"),
        ("fly.toml", 'deploy = "x"\nprocesses = [1]\nmounts = 3\n[build]\ndockerfile = 4\n'),
        ("heroku.yml", "build: [\n"),
        ("heroku.yml", "build: 1\nrun: [a]\nrelease: x\n"),
        ("railway.json", "[1]"),
        ("railway.json", '{"deploy": {"startCommand": {"a": 1}}}' + "[" * 100),
        ("render.yaml", "services: {a: b}\n"),
        ("render.yaml", "services: [{runtime: docker, dockerfilePath: {a: b}, disk: 4}]\n"),
    ],
)
def test_what_is_not_understood_says_nothing(repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text)

    assert [command for _, _, command in uses(repository / "Dockerfile") if command] == []


def test_no_link_is_followed_out_of_the_repository(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "fly.toml").write_text(FLY.format("Dockerfile"))
    (repository / "fly.toml").symlink_to(tmp_path / "fly.toml")

    assert uses(repository / "Dockerfile") == []
