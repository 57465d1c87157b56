"""What stands before the program: an init, a shell script of the project, tools of other modules."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.runner import run
from dockerslim.images.catalogue import Catalogue
from tests.transforms.rewriting import Rewritten, rewrite, service

HEAD = "FROM golang:1.23-bookworm\n{}WORKDIR /src\nCOPY . .\n"
BUILD = "RUN go build -o app .\n"
FILES = {"go.mod": "module example.com/app\n\ngo 1.23\n", "main.go": "package main\n\nfunc main() {}\n"}
STATIC = "gcr.io/distroless/static-debian13"
SLIM = "debian:bookworm-slim"


def split(end: str, files: dict[str, str] | None = None, above: str = "", usage: Usage | None = None) -> Rewritten:
    text = HEAD.format(above) + BUILD + end
    return rewrite("go/split-stages", text, {**FILES, **(files or {})}, usage=usage)


def image_of(got: Rewritten) -> str:
    return got.runtime.split()[1]


def with_script(text: str, *, name: str = "start.sh") -> dict[str, str]:
    return {name: "#!/bin/sh\nset -e\n" + text}


# --- an init


@pytest.mark.parametrize(
    ("package", "end"),
    [
        ("tini", 'ENTRYPOINT ["tini", "--", "./app"]\n'),
        ("tini", 'ENTRYPOINT ["/usr/bin/tini", "-g", "-e", "143", "--"]\nCMD ["./app", "-v"]\n'),
        ("dumb-init", 'ENTRYPOINT ["dumb-init"]\nCMD ["./app"]\n'),
    ],
)
def test_an_init_is_installed_again(package: str, end: str) -> None:
    got = split(end, above=f"RUN apt-get update && apt-get install -y {package}\n")

    assert got.reasons == ()
    assert image_of(got) == SLIM
    assert f"    ca-certificates {package} \\\n" in got.runtime
    assert got.runtime.endswith(end)


def test_an_init_that_nothing_brings() -> None:
    got = split('ENTRYPOINT ["tini", "--", "./app"]\n')

    assert got.reasons == ("where the command finds `tini` is not known",)


# --- scripts


@pytest.mark.parametrize(
    "script",
    [
        'exec "$@"\n',
        'echo starting\nsleep 1\nexec ./app "$@"\n',
        'if [ -n "$WAIT" ]; then\n  sleep 5\nfi\n./app -c x\n',
        "cd /src\n./app\n",
        "cd bin\n../app\n",
        "run() {\n  ./app\n}\nrun\n",
        'case "$1" in\n  serve) ./app ;;\nesac\n',
    ],
)
def test_a_script_that_starts_the_program(script: str) -> None:
    got = split('ENTRYPOINT ["./start.sh"]\nCMD ["./app"]\n', with_script(script))

    assert got.reasons == ()
    assert image_of(got) == SLIM
    assert "COPY --from=build /src/app /src/start.sh ./\n" in got.runtime


@pytest.mark.parametrize(
    ("end", "name"),
    [
        ('CMD ["sh", "start.sh"]\n', "start.sh"),
        ('CMD ["/bin/sh", "/src/start.sh", "x"]\n', "start.sh"),
        ('ENTRYPOINT ["./scripts/run"]\n', "scripts/run"),
        ("CMD ./start.sh\n", "start.sh"),
    ],
)
def test_however_it_is_started(end: str, name: str) -> None:
    got = split(end, with_script("./app\n", name=name))

    assert got.reasons == ()
    assert f"/src/{name}" in got.runtime


def test_files_and_programs_of_a_script() -> None:
    script = with_script(". ./env.sh\ncurl -f http://db\n./app -config conf/app.yml\n")

    got = split('CMD ["sh", "start.sh"]\n', {**script, "env.sh": "export A=1\n", "conf/app.yml": "a: 1\n"})

    assert "    ca-certificates curl \\\n" in got.runtime
    assert "COPY --from=build /src/app /src/start.sh /src/env.sh ./\n" in got.runtime
    assert "COPY --from=build /src/conf ./conf/\n" in got.runtime


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("frobnicate\n./app\n", "where `frobnicate` comes from is not known"),
        ("air\n", "`air` is a development server"),
        ("go run .\n", "`go run` runs when the container starts"),
        ('eval "$X"\n./app\n', "what `./start.sh` runs is not known"),
        ("./more.sh\n./app\n", "what `./more.sh` runs is not known"),
        ("$PROGRAM\n", "where `$PROGRAM` comes from is not known"),
        ("echo nothing\n", "the command starts nothing that this file builds"),
    ],
)
def test_scripts_that_are_refused(script: str, reason: str) -> None:
    got = split('ENTRYPOINT ["./start.sh"]\n', with_script(script))

    assert got.reasons == (reason,)


def test_a_script_that_starts_itself_ends() -> None:
    got = split('ENTRYPOINT ["./start.sh"]\n', with_script("./start.sh\n"))

    assert got.reasons == ("what `./start.sh` runs is not known",)


def test_what_a_script_writes_is_a_risk_for_another_user() -> None:
    files = {**FILES, **with_script("mkdir -p data\n./app\n")}

    got = rewrite("", HEAD.format("") + BUILD + 'ENTRYPOINT ["./start.sh"]\n', files)

    assert "what `mkdir` writes is not known" in got.risks


# --- tools of other modules


def test_a_tool_that_the_command_needs_travels() -> None:
    tool = "RUN go install github.com/pressly/goose/v3/cmd/goose@v3.24.0\n"

    got = split("CMD goose -dir migrations up && ./app\n", {"migrations/1.sql": ""}, above=tool)

    assert image_of(got) == SLIM
    assert "ENV PATH=/go/bin:$PATH\n" in got.runtime
    assert "COPY --from=build /go/bin/goose /go/bin/\n" in got.runtime
    assert "COPY --from=build /src/migrations ./migrations/\n" in got.runtime


def test_a_tool_that_only_builds_stays() -> None:
    got = split('CMD ["./app"]\n', above="RUN go install github.com/a-h/templ/cmd/templ@v0.2.0\n")

    assert image_of(got) == STATIC
    assert "templ" not in got.runtime


# --- health checks


@pytest.mark.parametrize(
    ("check", "image"),
    [
        (("CMD", "./app", "-health"), STATIC),
        (("CMD", "/src/app", "-health"), STATIC),
        (("CMD-SHELL", "./app -health || exit 1"), SLIM),
        ("./app -health", SLIM),
        (("NONE",), STATIC),
    ],
)
def test_a_check_of_compose(check: tuple[str, ...] | str, image: str) -> None:
    assert image_of(split('CMD ["./app"]\n', usage=service(healthcheck=check))) == image


@pytest.mark.parametrize(
    ("check", "image"),
    [
        ('HEALTHCHECK CMD ["./app", "-health"]\n', STATIC),
        ('HEALTHCHECK CMD ["/src/app", "-health"]\n', STATIC),
        ("HEALTHCHECK CMD ./app -health\n", SLIM),
        ('HEALTHCHECK CMD ["sh", "-c", "./app -health"]\n', SLIM),
        ("HEALTHCHECK NONE\n", STATIC),
    ],
)
def test_a_check_of_the_file(check: str, image: str) -> None:
    assert image_of(split(check + 'CMD ["./app"]\n')) == image


# --- what else a RUN does with what it built


@pytest.mark.parametrize(
    ("run", "cmd", "copies"),
    [
        ("go build -o app . && mv app /usr/local/bin/", '["app"]', "/usr/local/bin/app /usr/local/bin/"),
        ("go build -o app . && mv app /usr/local/bin/server", '["server"]', "/usr/local/bin/server /usr/local/bin/"),
        ("go build -o app . && cp app /server", '["/server"]', "/server /"),
        ("mkdir bin && go build -o bin ./...", '["./bin/app"]', "/src/bin/app ./bin/"),
        ("mkdir -p /out && go build -o /out .", '["/out/app"]', "/out/app /out/"),
        ("mkdir -p /out/ && go build -o app . && cp -p app /out", '["/out/app"]', "/out/app /out/"),
    ],
)
def test_where_the_program_goes(run: str, cmd: str, copies: str) -> None:
    text = f"FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN {run}\nCMD {cmd}\n"

    got = rewrite("go/split-stages", text, FILES)

    assert got.reasons == ()
    assert got.runtime == f"FROM {STATIC}\nWORKDIR /src\nCOPY --from=build {copies}\nCMD {cmd}\n"


@pytest.mark.parametrize(
    ("run", "copy"),
    [
        ("cp conf.example.yml conf.yml", "/src/app /src/conf.yml ./"),
        ("cp -r pages /var/www", "/src/pages"),
        ("mv conf.example.yml /etc/app.yml", "/etc/app.yml /etc/"),
        ("echo 'hosts: files dns' > /etc/nsswitch.conf", "/etc/nsswitch.conf /etc/"),
        ("date > built.txt", "/src/app /src/built.txt ./"),
    ],
)
def test_files_that_a_run_lays_elsewhere(run: str, copy: str) -> None:
    files = {**FILES, "conf.example.yml": "", "pages/index.html": ""}

    got = rewrite(
        "go/split-stages", f'FROM golang:1.23\nWORKDIR /src\nCOPY . .\n{BUILD}RUN {run}\nCMD ["./app"]\n', files
    )

    assert got.reasons == ()
    if "pages" in run:
        copy = "/var/www /var/www"
    assert f"COPY --from=build {copy}\n" in got.runtime


@pytest.mark.parametrize(
    "run",
    [
        'echo "machine x login $TOKEN" > /root/.netrc',
        "cp netrc /root/.netrc",
        'echo "$KEY" > ~/.netrc',
        "mkdir -p ~/.ssh && ssh-keyscan github.com >> ~/.ssh/known_hosts",
        "mkdir -p /root/.ssh && ssh-keyscan github.com >> /root/.ssh/known_hosts",
        "mkdir -p /root/.ssh && cp netrc /root/.ssh/config",
    ],
)
def test_credentials_stay_in_the_build_stage(run: str) -> None:
    text = f'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN {run}\n{BUILD}CMD ["./app"]\n'

    got = rewrite("go/split-stages", text, {**FILES, "netrc": ""})

    assert "/root" not in got.runtime if got.text != text else got.reasons
    assert "~" not in got.runtime if got.text != text else got.reasons


@pytest.mark.parametrize(
    ("name", "is_for_development"),
    [
        ("Dockerfile.dev", True),
        ("dev.Dockerfile", True),
        ("docker/Dockerfile-development", True),
        ("dev/Dockerfile", False),
        ("Dockerfile.device", False),
    ],
)
def test_a_file_for_development_by_its_name(name: str, is_for_development: bool) -> None:
    text = HEAD.format("") + BUILD + 'CMD ["./app"]\n'
    case = Case(Dockerfile.of_text(text), BuildContext.in_memory(FILES), Usage.none(), Catalogue.load(), path=name)

    result = run(case, tuple(t for t in load() if t.name == "go/split-stages"))

    assert (result.text == text) == is_for_development


@pytest.mark.parametrize(("word", "is_own"), [("./service", True), ("/src/service", True), ("service", False)])
def test_a_program_that_has_the_name_of_a_system_program(word: str, is_own: bool) -> None:
    text = HEAD.format("") + f'RUN go build -o service .\nCMD ["{word}"]\n'

    got = rewrite("", text, FILES)

    assert ("USER 65532:65532\n" in got.text) == is_own
