"""How a repository uses a Dockerfile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerslim.context.build_scripts import parse_build_script
from dockerslim.context.compose import Mount
from dockerslim.context.devcontainer import parse_devcontainer
from dockerslim.context.evidence import Evidence
from dockerslim.context.service_use import ServiceUse
from dockerslim.context.usage import Usage, read_usage


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    return root


def write(root: Path, path: str, text: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_nothing_is_known(repository: Path) -> None:
    usage = read_usage(write(repository, "Dockerfile"))
    assert usage.services == ()
    assert usage.context is None
    assert usage.targets == ()
    assert Usage.none().mount_over("/app") is None


def test_a_service_beside_the_dockerfile(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "compose.yaml", "services:\n  web:\n    build: .\n    command: npm start\n  db:\n    image: x\n")
    (service,) = read_usage(dockerfile).services
    assert service == ServiceUse("compose.yaml", "web", 2, repository, command="npm start")
    assert service.evidence == Evidence("compose.yaml", 2, "service web")


def test_variables_that_the_environment_file_sets(repository: Path) -> None:
    dockerfile = write(repository, "api/Dockerfile")
    build = "{context: ., dockerfile: '${FILE}'}"
    mount = "['${DATA:-./no}:/app/data', '$OTHER:/x', '$$DATA:/y', '${ODD}:/z']"
    write(repository, "compose.yaml", f"services:\n  web:\n    build: {build}\n    volumes: {mount}\n")
    assert read_usage(dockerfile).services == ()

    write(repository, ".env", "# settings\nFILE=./api/Dockerfile\nexport DATA='./data' # here\nODD={a: 1}\n")

    (service,) = read_usage(dockerfile).services
    assert [mount.source for mount in service.volumes] == ["./data", "$OTHER", "$DATA", "${ODD}"]
    assert service.line == 2


@pytest.mark.parametrize(
    ("dockerfile", "compose", "build", "context"),
    [
        ("api/Dockerfile", "docker-compose.yml", "./api", "api"),
        ("api/Dockerfile", "docker-compose.yml", "{context: ., dockerfile: api/Dockerfile}", "."),
        ("api/Dockerfile", "docker-compose.yml", "{dockerfile: ./api/Dockerfile}", "."),
        ("docker/api.Dockerfile", "deploy/compose.yml", "{context: .., dockerfile: docker/api.Dockerfile}", "."),
        ("a/b/Dockerfile", "a/compose.prod.yaml", "b", "a/b"),
        ("Dockerfile", ".devcontainer/docker-compose.yml", "..", "."),
        ("Dockerfile", "docker-compose.dev.yml", '"${CONTEXT:-.}"', "."),
        ("Dockerfile", "docker-compose.yml", "${PWD}", "."),
        ("pkg/@scope/a/Dockerfile", "docker-compose.yml", "pkg/@scope/a", "pkg/@scope/a"),
    ],
)
def test_finds_the_context(repository: Path, dockerfile: str, compose: str, build: str, context: str) -> None:
    file = write(repository, dockerfile)
    write(repository, compose, f"services:\n  s:\n    build: {build}\n")
    usage = read_usage(file)
    assert [service.file for service in usage.services] == [compose]
    assert usage.context == repository / context


@pytest.mark.parametrize(
    "build",
    [
        "./other",
        "{context: ., dockerfile: Dockerfile.dev}",
        "https://example.com/x.git",
        "git@example.com:a/b",
        "$DIR",
        "{context: ., dockerfile_inline: FROM a}",
        '{context: ., dockerfile: "a\\0b"}',
        "[]",
    ],
)
def test_another_dockerfile(repository: Path, build: str) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "compose.yaml", f"services:\n  s:\n    build: {build}\n")
    assert read_usage(dockerfile).services == ()


def test_several_contexts_are_none(repository: Path) -> None:
    dockerfile = write(repository, "api/Dockerfile")
    write(
        repository,
        "compose.yaml",
        "services:\n  a: {build: api}\n  b: {build: {context: ., dockerfile: api/Dockerfile, target: dev}}\n",
    )
    usage = read_usage(dockerfile)
    assert len(usage.services) == 2
    assert usage.context is None
    assert usage.targets == ("dev",)


def test_an_override_without_a_build_counts(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "docker-compose.yml", "services:\n  web: {build: {context: ., target: prod}}\n  db: {image: x}\n")
    write(repository, "docker-compose.dev.yml", "services:\n  web:\n    volumes: ['.:/app']\n  db: {command: x}\n")
    usage = read_usage(dockerfile)
    assert [(s.file, s.service, s.target) for s in usage.services] == [
        ("docker-compose.yml", "web", "prod"),
        ("docker-compose.dev.yml", "web", "prod"),
    ]
    assert usage.mount_over("/app") == (usage.services[1], Mount(".", "/app", "bind", 3))


def test_the_environment_of_a_service(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(
        repository,
        "compose.yaml",
        "services:\n  web: {build: ., env_file: web.env, environment: {A: '${X:-1}', B: '${X}'}}\n",
    )
    (service,) = read_usage(dockerfile).services
    assert service.environment == ("A", "B")
    assert service.environment_values == (("A", "1"), ("B", None))
    assert service.environment_files == ("web.env",)


def test_a_service_that_runs_the_image_by_its_name(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(
        repository,
        "compose.yaml",
        "services:\n"
        "  web: {build: {context: ., target: prod}, image: mine}\n"
        "  worker: {image: 'mine:latest', command: [work], entrypoint: [sh], user: '1', volumes: ['.:/app'],\n"
        "    healthcheck: {test: [CMD, curl]}}\n"
        "  db: {image: postgres}\n",
    )
    write(repository, "compose.dev.yaml", "services:\n  worker: {command: [watch]}\n")
    _, worker, override = read_usage(dockerfile).services
    assert worker == ServiceUse(
        "compose.yaml",
        "worker",
        3,
        repository,
        target="prod",
        command=("work",),
        entrypoint=("sh",),
        volumes=(Mount(".", "/app", "bind", 3),),
        user="1",
        healthcheck=("CMD", "curl"),
    )
    assert (override.file, override.service, override.command) == ("compose.dev.yaml", "worker", ("watch",))


@pytest.mark.parametrize(
    ("builder", "runner", "is_use"),
    [
        ("mine", "mine", True),
        ("'mine:1'", "'mine:1'", True),
        ("'mine:1'", "'mine:2'", False),
        ("mine", "other", False),
        ("'mine:${TAG:-1}'", "'mine:1'", True),
        ("'mine:${TAG}'", "'mine:${TAG}'", True),
        ("", "mine", False),
        ("", "", False),
        ("[mine]", "[mine]", False),
        ("mine", "mine, build: ./other", False),
    ],
)
def test_names_of_the_image(repository: Path, builder: str, runner: str, is_use: bool) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "compose.yaml", f"services:\n  a: {{build: ., image: {builder}}}\n  b: {{image: {runner}}}\n")
    write(repository, "compose.dev.yaml", "services:\n  b: {command: x}\n")
    assert ("b" in {service.service for service in read_usage(dockerfile).services}) is is_use


def test_one_name_of_two_targets(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(
        repository,
        "compose.yaml",
        "services:\n  a: {build: {context: ., target: x}, image: m}\n"
        "  b: {build: {context: ., target: y}, image: m}\n  c: {image: m}\n",
    )
    assert [use.target for use in read_usage(dockerfile).services if use.service == "c"] == ["x", "y"]


def test_an_override_names_the_image(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "compose.yaml", "services:\n  a: {build: .}\n  b: {image: m}\n")
    write(repository, "compose.prod.yaml", "services:\n  a: {image: m}\n")
    assert [use.service for use in read_usage(dockerfile).services] == ["a", "b", "a"]


def test_an_override_of_the_target(repository: Path) -> None:
    dockerfile = write(repository, "api/Dockerfile")
    write(repository, "compose.yaml", "services:\n  web: {build: {context: api}}\n")
    write(repository, "compose.override.yaml", "services:\n  web: {build: {target: dev}}\n")
    usage = read_usage(dockerfile)
    assert usage.context == repository / "api"
    assert usage.targets == ("dev",)


@pytest.mark.parametrize(
    ("volume", "folder", "is_over"),
    [
        (".:/app", "/app", True),
        (".:/app", "/app/server", True),
        ("./src:/app/src", "/app", True),
        ("./src:/app/src", "/app/", True),
        (".:/application", "/app", False),
        (".:/app", "/srv", False),
        ("data:/app", "/app", False),
        ("/app", "/app", False),
    ],
)
def test_mounts_over_a_folder(repository: Path, volume: str, folder: str, is_over: bool) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "compose.yaml", f"services:\n  web:\n    build: .\n    volumes:\n      - {volume}\n")
    assert (read_usage(dockerfile).mount_over(folder) is not None) is is_over


def test_a_mount_over_all_comes_first() -> None:
    part, whole = Mount("./a", "/app/a", "bind", 1), Mount(".", "/app", "bind", 2)
    service = ServiceUse("compose.yaml", "web", 1, Path("x"), volumes=(part, whole))
    assert Usage((service,)).mount_over("/app") == (service, whole)


def test_unreadable_files_are_told(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "compose.yaml", "services:\n  web: {build: .}\n")
    write(repository, "compose.bad.yaml", "services:\n\tx\n")
    write(repository, "compose.deep.yaml", "[" * 200_000)
    write(repository, "compose.large.yaml", "#" * 1_100_000)
    write(repository, "compose.binary.yaml", "\0\1\2")
    (repository / "compose.folder.yaml").mkdir()
    usage = read_usage(dockerfile)
    assert len(usage.services) == 1
    assert [evidence.file for evidence in usage.unreadable] == [
        f"compose.{name}.yaml" for name in ("bad", "binary", "deep", "large")
    ]
    assert usage.unreadable[0].line == 2


@pytest.mark.parametrize(
    ("file", "text", "is_told"),
    [
        ("compose.yaml", "services:\n\tx: {build: ./services/web}\n", True),
        ("compose.yaml", "services:\n\tx: {build: {context: ., dockerfile: services/web/Dockerfile}}\n", True),
        ("services/compose.yaml", "services:\n\tx: {build: web}\n", True),
        ("services/web/compose.yaml", "services:\n\tx\n", True),
        ("services/web/deploy/compose.yaml", "services:\n\tx: {build: ..}\n", False),  # nobody looks there
        ("deploy/compose.yaml", "services:\n\tx: {build: ../services/web}\n", True),
        ("deploy/compose.yaml", "#" * 1_100_000, True),
        ("compose.yaml", "x: ******\nservices: {other: {build: ./services/api}}\n", False),
        ("deploy/compose.yaml", "x: ******\nservices: {other: {image: web}}\n", False),
        ("deploy/compose.yaml", "x: ******\nservices: {other: {build: ../services/api}}\n", False),
    ],
)
def test_an_unreadable_file_counts_where_it_may_be_about_the_dockerfile(
    repository: Path, file: str, text: str, is_told: bool
) -> None:
    dockerfile = write(repository, "services/web/Dockerfile")
    write(repository, file, text)
    assert [evidence.file for evidence in read_usage(dockerfile).unreadable] == ([file] if is_told else [])


def test_an_unreadable_file_counts_beside_one_that_builds_the_dockerfile(repository: Path) -> None:
    dockerfile = write(repository, "web/Dockerfile")
    write(repository, "compose.yaml", "services:\n  x: {build: ./web}\n")
    write(repository, "compose.override.yaml", "services:\n\tx: {volumes: [.:/app]}\n")
    assert [evidence.file for evidence in read_usage(dockerfile).unreadable] == ["compose.override.yaml"]


def test_stops_at_the_repository(tmp_path: Path, repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(tmp_path, "compose.yaml", "services:\n  web: {build: repository}\n")
    assert read_usage(dockerfile).services == ()
    assert len(read_usage(dockerfile, stop_at=tmp_path).services) == 1


def test_a_change_is_seen(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    compose = write(repository, "compose.yaml", "services:\n  web: {build: .}\n")
    assert len(read_usage(dockerfile).services) == 1
    compose.write_text("services:\n  web: {build: other}\n", "utf-8")
    assert read_usage(dockerfile).services == ()
    new = write(repository, "compose.new.yaml", "services:\n  web: {build: .}\n")
    os.utime(repository, ns=(1, 1))
    assert [service.file for service in read_usage(dockerfile).services] == [new.name]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege here")
def test_links_lead_nowhere_else(tmp_path: Path, repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    outside = write(tmp_path, "outside/compose.yaml", "services:\n  web: {build: .}\n")
    (repository / "compose.yaml").symlink_to(outside)
    (repository / "deploy").symlink_to(outside.parent)
    assert read_usage(dockerfile).services == ()
    inside = write(repository, "deploy2/c.yaml", "services:\n  web: {build: .}\n")
    (repository / "compose.dev.yaml").symlink_to(inside)
    assert [service.file for service in read_usage(dockerfile).services] == ["compose.dev.yaml"]


def test_scripts_are_read(repository: Path) -> None:
    dockerfile = write(repository, "api/Dockerfile")
    write(repository, ".gitlab-ci.yml", "build:\n  image:\n    name: gcr.io/kaniko-project/executor:debug\n")
    write(
        repository,
        ".github/workflows/ci.yml",
        "steps:\n  - uses: docker/build-push-action@v6\n    with:\n      target: prod\n",
    )
    write(repository, "api/Makefile", "image:\n\tdocker build --target dev .\n")
    usage = read_usage(dockerfile)
    assert usage.targets == ("dev", "prod")
    assert usage.other_builder == (Evidence(".gitlab-ci.yml", 3, "name: gcr.io/kaniko-project/executor:debug"),)


@pytest.mark.parametrize(
    "line",
    [
        "image: gcr.io/kaniko-project/executor:v1.9.0",
        "DOCKER_BUILDKIT=0 docker build .",
        "  DOCKER_BUILDKIT: 0",
        '  DOCKER_BUILDKIT: "0"',
        "export DOCKER_BUILDKIT = 0",
        "DOCKER_BUILDKIT ?= 0",
        "  - docker:20.10.16-dind",
        "  - name: docker:19-dind",
    ],
)
def test_another_builder(line: str) -> None:
    (sign,) = parse_build_script(f"x\n{line}\n").other_builder
    assert sign.line == 2
    assert sign.text == line.strip()


@pytest.mark.parametrize(
    "line",
    [
        "# image: gcr.io/kaniko-project/executor",
        "DOCKER_BUILDKIT=1",
        "DOCKER_BUILDKIT: 1",
        "- docker:dind",
        "- docker:24.0-dind",
        "- docker:27-dind-rootless",
        "image: docker:20.10",
    ],
)
def test_buildkit(line: str) -> None:
    assert parse_build_script(line).other_builder == ()


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("docker build --target=a . && docker build --target b .", ("a", "b")),
        ("docker build --target $(T) .", ()),
        ("# docker build --target a", ()),
        ('target "app" {\n  target = "prod"\n}', ("prod",)),
        ("target: x", ()),
        ("kind: skaffold\n  docker:\n    target: dev", ("dev",)),
    ],
)
def test_script_targets(text: str, targets: tuple[str, ...]) -> None:
    assert parse_build_script(text).targets == targets


def test_a_long_line_takes_no_time() -> None:
    text = "skaffold\n" + ("target: x" + " " * 1900 + "z DOCKER_BUILDKIT " + " " * 1000 + "\n") * 300 + "\n" * 100_000
    assert parse_build_script(text).targets == ()


def test_a_development_container(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(
        repository,
        ".devcontainer/devcontainer.json",
        '// a comment\n{\n  "build": {"dockerfile": "../Dockerfile", "target": "dev",},\n}\n',
    )
    usage = read_usage(dockerfile)
    assert usage.devcontainer == Evidence(".devcontainer/devcontainer.json", 3, "devcontainer")
    assert usage.targets == ("dev",)
    assert read_usage(write(repository, "api/Dockerfile")).devcontainer is None


def test_a_development_container_of_a_service(repository: Path) -> None:
    dockerfile = write(repository, "Dockerfile")
    write(repository, "docker-compose.yml", "services:\n  web: {build: .}\n  other: {build: other}\n")
    settings = write(
        repository,
        ".devcontainer/devcontainer.json",
        '{"dockerComposeFile": ["../docker-compose.yml", "more.yml"],\n "service": "web"}',
    )
    assert read_usage(dockerfile).devcontainer == Evidence(".devcontainer/devcontainer.json", 2, "devcontainer")
    settings.write_text('{"dockerComposeFile": "../docker-compose.yml", "service": "other"}', "utf-8")
    assert read_usage(dockerfile).devcontainer is None


def test_a_hostile_devcontainer() -> None:
    parse_devcontainer('"service": [' * 80_000)
    parse_devcontainer("\n" * 500_000 + '"service":' * 1000)
    assert parse_devcontainer('//"dockerfile": "a"\n"dockerFile" : "b"').dockerfile == "b"
