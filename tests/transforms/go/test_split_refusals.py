"""What is left alone, what is refused and with which reason, and what is no reason to."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from dockerslim.context.evidence import Evidence
from dockerslim.context.usage import Usage
from tests.transforms.go.splitting import BUILD, CMD, FILES, SERVER, SLIM, SOURCE, STATIC, calls, image_of, split
from tests.transforms.rewriting import mounts, rewrite, service


@pytest.mark.parametrize(
    ("cmd", "reason"),
    [
        ('CMD ["air"]', "`air` is a development server"),
        ('CMD ["reflex", "-r", "x"]', "`reflex` is a development server"),
        ('CMD ["CompileDaemon"]', "`CompileDaemon` is a development server"),
        ('CMD ["gow", "run", "."]', "`gow` is a development server"),
        ('CMD ["dlv", "exec", "./app"]', "`dlv` is a development server"),
        ('CMD ["realize", "start"]', "`realize` is a development server"),
        ('CMD ["go", "run", "."]', "`go run` runs when the container starts"),
        ('CMD ["go", "test"]', "`go test` runs when the container starts"),
        ('CMD ["make", "run"]', "what `make` runs is not known"),
        ('CMD ["./run.sh"]', "what `./run.sh` runs is not known"),
        ('CMD ["sh", "-c", "./app & wait"]', "the command is more than plain commands"),
        ('CMD ["./other"]', "`./other` is not a program that this file builds"),
        ("CMD ./app && ./other", "where `./other` comes from is not known"),
        ("", "what the image runs is not said"),
    ],
)
def test_commands_that_forbid_it(cmd: str, reason: str) -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{cmd}".rstrip() + "\n"

    got = split(text)

    assert (got.text, got.reasons) == (text, (reason,))


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (mounts(".", "/src"), "`compose.yml` mounts `.` over the work folder in service `web`"),
        (mounts("./x", "/"), "`compose.yml` mounts `./x` over the work folder in service `web`"),
        (service(command=("air",)), "`compose.yml` runs `air` in service `web`"),
        (service(command="go run ."), "`compose.yml` runs `go` in service `web`"),
        (service(command=("./other",)), "`compose.yml` runs `other` in service `web`"),
        (service(entrypoint=("sh", "x.sh")), "`compose.yml` runs `x.sh` in service `web`"),
        (Usage(devcontainer=Evidence(".devcontainer/devcontainer.json", 2)), "a dev container uses this file"),
    ],
)
def test_use_that_forbids_it(usage: Usage, reason: str) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", usage=usage)

    assert got.reasons == (reason,)


@pytest.mark.parametrize(
    ("usage", "image"),
    [
        (mounts("./data", "/src/data"), STATIC),
        (service(command=("./app", "-v")), STATIC),
        (service(command="sh -c './app -v'"), SLIM),
        (service(command=("sleep", "infinity")), SLIM),
        (service(healthcheck="curl -f http://localhost"), SLIM),
        (Usage(script_targets=("app",)), STATIC),
    ],
)
def test_use_that_does_not(usage: Usage, image: str) -> None:
    assert image_of(split(f"FROM golang:1.23 AS app\n{SOURCE}{BUILD}{CMD}", usage=usage)) == image


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("./prepare.sh && go build -o app .", "./prepare.sh"),
        ("make build", "make build"),
        ("go build -o app . && mv nothing /bin/x", "mv nothing /bin/x"),
        ("go build -o app . && cp $X /bin/x", "cp $X /bin/x"),
        ("go build -o app . && cp -r . /srv", "cp -r ."),
        ("go build -o app . && cp --backup=all app /srv/app", "cp --backup=all app"),
        ("go build -o app . && ln -s /src/app /bin/app", "ln -s"),
        ("go build -o app . && setcap cap_net_bind_service=+ep app", "setcap cap_net_bind_service=+ep"),
        ("go build -o app . && ./app version", "./app"),
        ("go build -o app . && date > /etc/passwd", "date > /etc/passwd"),
        ("go build -o app . && date > $FILE", "date > $FILE"),
        ("go build -o app . && ls > /files", "ls > /files"),
        ("go build -o app . && rm -rf /src/*", "rm"),
        ("wget -O /x https://example.com && go build -o app .", "wget -O"),
        ("npm ci && go build -o app .", "npm ci"),
        ("go build -buildmode=plugin -o app .", "go build"),
        ("go build -buildmode=c-shared -o app .", "go build"),
        ("GOOS=windows go build -o app .", "go build"),
        ('go build -o "$NAME" .', "go build"),
        ("go build -o app ./...", "go build"),
        ("chown -R app /src", "chown -R"),
        ("apk add git && adduser -D app", "adduser"),
        ("update-ca-certificates", "update-ca-certificates"),
    ],
)
def test_effects_that_are_not_known(run: str, name: str) -> None:
    files = {**FILES, "cmd/a/main.go": SERVER, "cmd/b/main.go": SERVER}
    text = f"FROM golang:1.23\n{SOURCE}RUN {run}\n{CMD}"

    got = split(text, files)

    assert (got.text, got.reasons) == (text, (f"what `{name}` writes is not known",))


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        ('SHELL ["bash", "-c"]\n', "the stage has SHELL instructions"),
        ("ONBUILD RUN x\n", "the stage has ONBUILD instructions"),
        ("COPY missing /x\n", "the build context has no `missing`"),
        ("ADD https://example.com/x /x\n", "what this copies can't be told"),
        ("COPY <<EOF /x\nhi\nEOF\n", "what this copies can't be told"),
        ("COPY --from=alpine /x /x\n", "whether the program needs what is copied from `alpine` is not known"),
        ("ADD x.tar.gz /x\n", "what the archive holds is not known"),
        ("ARG D=/srv\nWORKDIR ${D}/x\n", "the work folder depends on the build argument `D`"),
    ],
)
def test_instructions_that_forbid_it(above: str, reason: str) -> None:
    text = f"FROM golang:1.23\n{above}{SOURCE}{BUILD}{CMD}"

    got = split(text, {**FILES, "x.tar.gz": ""})

    assert (got.text, got.reasons) == (text, (reason,))


@pytest.mark.parametrize(
    "text",
    [
        f"FROM golang:1.23 AS build\n{SOURCE}{BUILD}\nFROM scratch\nCOPY --from=0 /src/app /\n{CMD}",
        f"FROM debian:12\n{SOURCE}{BUILD}{CMD}",
        f"FROM example.com/golang:1.23\n{SOURCE}{BUILD}{CMD}",
    ],
)
def test_leaves_alone(text: str) -> None:
    got = split(text)

    assert (got.text, got.reasons) == (text, ())


def test_a_digest_without_a_tag_may_be_any_variant() -> None:
    text = f"FROM golang@sha256:{'0' * 64}\n{SOURCE}{BUILD}{CMD}"

    assert split(text).reasons == (f"what `golang@sha256:{'0' * 64}` holds is not known",)


# --- cgo


def test_plugins() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", calls(imports=("plugin",)))

    assert got.reasons == ("the program loads Go plugins",)


@pytest.mark.parametrize(
    ("run", "cmd", "reason"),
    [
        ("go build ./...", '["./a"]', "`./a` is not a program that this file builds"),
        ("GOARCH=arm64 go install .", '["/go/bin/app"]', "`/go/bin/app` is not a program that this file builds"),
        ("go get example.com/tool", '["tool"]', "`tool` is not a program that this file builds"),
        ("go build -o app . && rm app", '["./app"]', "`/src/app` is removed after it is built"),
        ('go build -o "my app" .', '["./my app"]', "the program reads `/src/my app`, a name that COPY reads otherwise"),
    ],
)
def test_a_program_that_is_not_there(run: str, cmd: str, reason: str) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}RUN {run}\nCMD {cmd}\n", {**FILES, "cmd/a/main.go": SERVER})

    assert got.reasons == (reason,)


# --- what the program reads


def test_programs_that_can_t_be_told() -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}"

    assert split(text, calls("exec.Command(os.Args[1]).Run()", imports=("os", "os/exec"))).reasons == (
        "the program runs another one that is computed (main.go:10)",
    )
    assert split(text, calls('exec.Command("helper").Run()', imports=("os/exec",))).reasons == (
        "where the program (main.go:9) finds `helper` is not known",
    )


# --- what the author said of the image


def test_a_health_check_that_nothing_brings() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}HEALTHCHECK CMD grpc_health_probe\n{CMD}")

    assert got.reasons == ("where the HEALTHCHECK finds `grpc_health_probe` is not known",)


def test_a_user_that_nothing_makes() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}USER ghost\n{CMD}")

    assert got.reasons == ("no smaller image is known to have the user `ghost`",)


def test_what_is_only_not_known_is_no_refusal_where_it_is_tried() -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}"
    files = calls("exec.Command(os.Args[1]).Run()", imports=("os", "os/exec"))

    assert image_of(rewrite("go/split-stages", text, files, options=Options(will_be_tried=True)))


@pytest.mark.parametrize("base", ["golang:1.23", "golang"])
def test_a_module_that_no_copy_brings(base: str) -> None:
    head = f"FROM {base}\nWORKDIR /src\nCOPY main.go .\n"

    package = split(f"{head}RUN go build -o app .\n{CMD}")
    file = split(f"{head}RUN go build -o app main.go\n{CMD}")

    assert package.reasons == ("`go build` finds no go.mod in the image",)
    assert "COPY --from=build /src/app ./\n" in file.text


def test_nginx_is_for_static_sites_alone() -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}"
    asked = rewrite("go/split-stages", text, FILES, options=Options(runtime="nginx"))
    assert asked == split(text)
