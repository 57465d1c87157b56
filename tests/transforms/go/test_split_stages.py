"""A build stage and a runtime stage, on the smallest image that surely runs the program; or a reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dockerslim.case import Options
from dockerslim.context.evidence import Evidence
from dockerslim.context.usage import Usage
from tests.transforms.rewriting import Rewritten, mounts, rewrite, service

MODULE = "module example.com/app\n\ngo 1.23\n"
SERVER = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
FILES = {"go.mod": MODULE, "main.go": SERVER}
SOURCE = "WORKDIR /src\nCOPY . .\n"
BUILD = "RUN go build -o app .\n"
CMD = 'CMD ["./app"]\n'
STATIC = "gcr.io/distroless/static-debian13"
BASE = "gcr.io/distroless/base-debian13"
APP = "COPY --from=build /src/app ./\n"
SLIM = "debian:bookworm-slim"


def split(text: str, files: dict[str, str] | None = None, usage: Usage | None = None) -> Rewritten:
    return rewrite("go/split-stages", text, FILES if files is None else files, usage=usage)


def apt(*packages: str) -> str:
    return (
        "RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
        f"    {' '.join(packages)} \\\n    && rm -rf /var/lib/apt/lists/*\n"
    )


def image_of(got: Rewritten) -> str:
    return got.runtime.split()[1]


def calls(*lines: str, imports: tuple[str, ...] = ("os",), more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A server that does this first."""
    body = "".join(f"\t{line}\n" for line in lines)
    named = "".join(f'\t"{name}"\n' for name in ("net/http", *imports))
    source = f'package main\n\nimport (\n{named})\n\nfunc main() {{\n{body}\thttp.ListenAndServe(":8080", nil)\n}}\n'
    return {**FILES, "main.go": source, **(more or {})}


def requiring(*modules: str) -> dict[str, str]:
    lines = "".join(f"require {module}\n" for module in modules)
    return {**FILES, "go.mod": MODULE + "\n" + lines, "go.sum": ""}


# --- can it be split?


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


@pytest.mark.parametrize(
    ("base", "run", "files", "image"),
    [
        ("golang:1.23", "go build", FILES, STATIC),
        ("golang:1.23-alpine", "go build", FILES, STATIC),
        ("golang:1.23", "CGO_ENABLED=0 go build", FILES, STATIC),
        ("golang:1.23", "export CGO_ENABLED=0 && go build", FILES, STATIC),
        ("golang:1.23-bookworm", "CGO_ENABLED=1 go build", FILES, BASE),
        ("golang:1.23-bookworm", "go build -race", FILES, BASE),
        ("golang:1.23-bookworm", "go build -buildmode=pie", FILES, BASE),
        ("golang:1.23-bookworm", "go build -ldflags '-linkmode external'", FILES, BASE),
        ("golang:1.23-bookworm", "go build", {**FILES, "c.go": 'package main\n\nimport "C"\n'}, BASE),
        ("golang:1.23-bookworm", "go build", {**FILES, "c_test.go": 'package main\n\nimport "C"\n'}, STATIC),
        ("golang:1.23-bookworm", "go build", requiring("github.com/mattn/go-sqlite3 v1.0.0"), BASE),
        (
            "golang:1.23-bookworm",
            "go build",
            requiring("gorm.io/driver/sqlite v1.0.0", "github.com/mattn/go-sqlite3 v1.0.0 // indirect"),
            BASE,
        ),
        ("golang:1.23-alpine3.20", "go build", requiring("github.com/mattn/go-sqlite3 v1.0.0"), "alpine:3.20"),
    ],
)
def test_the_c_library_travels_or_is_not_linked(base: str, run: str, files: dict[str, str], image: str) -> None:
    got = split(f"FROM {base}\n{SOURCE}RUN {run}\n{CMD}", files)

    assert image_of(got) == image
    is_added = image == STATIC and "CGO_ENABLED" not in run and "alpine" not in base
    assert got.text.count("CGO_ENABLED=0 go build") == int(is_added or run.startswith("CGO_ENABLED=0"))


@pytest.mark.parametrize("package", ["gcc", "build-essential", "libpcap-dev"])
def test_compilers_say_that_the_author_wants_cgo(package: str) -> None:
    install = f"RUN apt-get update && apt-get install -y {package}\n"

    got = split(f"FROM golang:1.23-bookworm\n{install}{SOURCE}{BUILD}{CMD}")

    assert "CGO_ENABLED" not in got.text
    assert image_of(got) in (BASE, SLIM)


@pytest.mark.parametrize("base", ["golang:latest", "golang", "golang:tip"])
def test_a_floating_release_may_be_newer_than_the_runtimes(base: str) -> None:
    got = split(f"FROM {base}\nENV CGO_ENABLED=1\n{SOURCE}{BUILD}{CMD}")

    assert got.reasons == (f"no smaller image is known that surely runs what `{base}` builds",)


def test_plugins() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", calls(imports=("plugin",)))

    assert got.reasons == ("the program loads Go plugins",)


def test_cgo_is_switched_off_for_each_build() -> None:
    got = split(
        f"FROM golang:1.23\n{SOURCE}RUN go build -o /a ./a && \\\n    go build -o /b ./b\n"
        'RUN ["go", "build", "-o", "/c", "./a"]\nCMD ["/a"]\n',
        {"go.mod": MODULE, "a/main.go": SERVER, "b/main.go": SERVER},
    )

    assert (
        "RUN CGO_ENABLED=0 go build -o /a ./a && \\\n    CGO_ENABLED=0 go build -o /b ./b\n"
        'ENV CGO_ENABLED=0\nRUN ["go", "build", "-o", "/c", "./a"]\n'
    ) in got.text
    assert "COPY --from=build /a /b /c /\n" in got.text


# --- where the program lands


@pytest.mark.parametrize(
    ("run", "cmd", "files", "copied"),
    [
        ("go build", '["./app"]', FILES, "/src/app ./"),
        ("go build", '["./tool"]', {**FILES, "go.mod": "module example.com/tool/v2\n"}, "/src/tool ./"),
        ("go build main.go", '["./main"]', FILES, "/src/main ./"),
        ("go build ./cmd/server", '["./server"]', {"go.mod": MODULE, "cmd/server/main.go": SERVER}, "/src/server ./"),
        (
            "go build -o bin/ ./...",
            '["./bin/a"]',
            {"go.mod": MODULE, "cmd/a/main.go": SERVER, "cmd/b/main.go": SERVER},
            "/src/bin/a /src/bin/b ./bin/",
        ),
        (
            "go install ./...",
            '["a"]',
            {"go.mod": MODULE, "cmd/a/main.go": SERVER, "cmd/b/main.go": SERVER},
            "/go/bin/a /go/bin/b /go/bin/",
        ),
        ("go install .", '["/go/bin/app"]', FILES, "/go/bin/app /go/bin/"),
        ("GOBIN=/usr/local/bin go install .", '["app"]', FILES, "/usr/local/bin/app /usr/local/bin/"),
        (
            "GOARCH=arm64 go install .",
            '["/go/bin/linux_arm64/app"]',
            FILES,
            "/go/bin/linux_arm64/app /go/bin/linux_arm64/",
        ),
        ("go build -o /opt/x/app .", '["/opt/x/app"]', FILES, "/opt/x/app /opt/x/"),
        ("go build -o /app .", '["/app"]', FILES, "/app /"),
        ("go build -C /src -o app .", '["./app"]', FILES, "/src/app ./"),
        ("cd /src && go build -o app", '["./app"]', FILES, "/src/app ./"),
        ("go build -o app example.com/app", '["./app"]', FILES, "/src/app ./"),
        ("go build -o app . && strip app && chmod +x app", '["./app"]', FILES, "/src/app ./"),
        ("go build -o app . && go clean -cache", '["./app"]', FILES, "/src/app ./"),
    ],
)
def test_the_program_keeps_its_path(run: str, cmd: str, files: dict[str, str], copied: str) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}RUN {run}\nCMD {cmd}\n", files)

    assert f"COPY --from=build {copied}\n" in got.runtime
    assert got.runtime.endswith(f"CMD {cmd}\n")
    assert ("ENV PATH=/go/bin:$PATH\n" in got.runtime) == (cmd == '["a"]')


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


@pytest.mark.parametrize(
    ("files", "copied"),
    [
        (calls('os.ReadFile("config.yml")', more={"config.yml": ""}), ("/src/app /src/config.yml ./",)),
        (calls('os.ReadFile("config.yml")'), ("/src/app ./",)),
        (
            calls('template.ParseGlob("templates/*.html")', imports=("html/template",), more={"templates/a.html": ""}),
            ("/src/app ./", "/src/templates ./templates/"),
        ),
        (
            calls('template.ParseGlob("*.html")', imports=("html/template",), more={"a.html": "", "b.html": ""}),
            ("/src/app /src/a.html /src/b.html ./",),
        ),
        (
            calls('http.Handle("/", http.FileServer(http.Dir("./static")))', more={"static/a": "", "web/b": ""}),
            ("/src/app ./", "/src/static ./static/"),
        ),
        (
            calls(
                'http.Handle("/", http.FileServer(http.Dir(".")))',
                more={"a.css": "", "Makefile": "", "x/y.go": "package x\n"},
            ),
            ("/src/app /src/a.css ./",),
        ),
        (calls('os.ReadFile("/src/x.yml")', more={"x.yml": ""}), ("/src/app /src/x.yml ./",)),
        (calls('os.ReadFile("/etc/x.yml")'), ("/src/app ./",)),
        (
            calls("os.ReadFile(os.Args[1])", more={"data/x": "", "README.md": "", "in/a.go": "package in\n"}),
            ("/src/app ./", "/src/data ./data/"),
        ),
        (calls('os.WriteFile("data/x", nil, 0o600)', more={"data/seed": ""}), ("/src/app ./", "/src/data ./data/")),
        (
            {
                **FILES,
                "static/a": "",
                "main.go": SERVER.replace("func main", "//go:embed static\nvar f embed.FS\n\nfunc main"),
            },
            ("/src/app ./",),
        ),
    ],
)
def test_assets(files: dict[str, str], copied: tuple[str, ...]) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", files)

    assert "".join(f"COPY --from=build {line}\n" for line in copied) in got.runtime
    assert got.runtime.count("COPY") == len(copied)


def test_an_environment_file_may_come_later() -> None:
    files = {
        **calls("godotenv.Load()", imports=("github.com/joho/godotenv",)),
        "go.mod": MODULE + "\nrequire github.com/joho/godotenv v1.0.0\n",
        "go.sum": "",
    }

    assert "COPY --from=build /src/app /src/.env* ./\n" in split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", files).text
    there = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", {**files, ".env": "A=1\n"})
    assert "COPY --from=build /src/app /src/.env ./\n" in there.text


@pytest.mark.parametrize(
    "name", ["my data/x.json", "a$b/x.json", "we[i]rd/x.json", "a\nRUN evil/x.json", "a\\b/x.json"]
)
def test_a_name_that_copy_would_read_otherwise(name: str) -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}"

    got = split(text, {**calls("os.ReadFile(os.Args[1])"), name: ""})

    assert got.text == text
    assert [reason.partition(", ")[2] for reason in got.reasons] == ["a name that COPY reads otherwise"]


def test_files_beside_the_work_folder() -> None:
    text = f"FROM golang:1.23\n{SOURCE}COPY config /etc/app\n{BUILD}{CMD}"

    computed = split(text, {**calls("os.ReadFile(os.Args[1])"), "config/a.yml": ""})
    assert "COPY --from=build /etc/app /etc/app\n" in computed.runtime
    named = split(text, {**calls('os.ReadFile("/etc/app/a.yml")'), "config/a.yml": ""})
    assert "/etc/app" in named.runtime
    assert "/etc/app" not in split(text, {**FILES, "config/a.yml": ""}).runtime


def test_folders_that_a_run_makes() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}RUN mkdir -p /data /src/uploads\n{BUILD}{CMD}")

    assert "COPY --from=build /data /data\nCOPY --from=build /src/uploads ./uploads/\n" in got.runtime


@pytest.mark.parametrize(
    ("files", "image", "packages"),
    [
        (calls('exec.Command("curl").Run()', imports=("os/exec",)), SLIM, ("ca-certificates", "curl")),
        (calls('exec.Command("git").Run()', imports=("os/exec",)), SLIM, ("ca-certificates", "git")),
        (calls('exec.Command("sh", "-c", "x").Run()', imports=("os/exec",)), SLIM, ("ca-certificates",)),
    ],
)
def test_programs_that_it_starts(files: dict[str, str], image: str, packages: tuple[str, ...]) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}", files)

    assert image_of(got) == image
    assert apt(*packages) in got.runtime


def test_programs_that_can_t_be_told() -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}"

    assert split(text, calls("exec.Command(os.Args[1]).Run()", imports=("os", "os/exec"))).reasons == (
        "the program runs another one that is computed (main.go:10)",
    )
    assert split(text, calls('exec.Command("helper").Run()', imports=("os/exec",))).reasons == (
        "where the program (main.go:9) finds `helper` is not known",
    )


# --- what the author said of the image


@pytest.mark.parametrize(
    ("check", "image", "packages"),
    [
        ("HEALTHCHECK CMD curl -f http://localhost/ || exit 1\n", SLIM, ("ca-certificates", "curl")),
        ('HEALTHCHECK --interval=5s CMD ["curl", "-f", "x"]\n', SLIM, ("ca-certificates", "curl")),
        ("HEALTHCHECK CMD ./app -health\n", SLIM, ("ca-certificates",)),
        ('HEALTHCHECK CMD ["./app", "-health"]\n', STATIC, ()),
        ("HEALTHCHECK NONE\n", STATIC, ()),
    ],
)
def test_health_checks_find_their_programs(check: str, image: str, packages: tuple[str, ...]) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{check}{CMD}")

    assert image_of(got) == image
    assert (apt(*packages) if packages else "") in got.runtime
    assert got.runtime.endswith(check + CMD)


def test_a_health_check_that_nothing_brings() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}HEALTHCHECK CMD grpc_health_probe\n{CMD}")

    assert got.reasons == ("where the HEALTHCHECK finds `grpc_health_probe` is not known",)


@pytest.mark.parametrize(
    ("user", "image"),
    [
        ("1000", STATIC),
        ("1000:1000", STATIC),
        ("nobody", STATIC),
        ("nobody:nogroup", SLIM),
        ("www-data", SLIM),
        ("root", STATIC),
    ],
)
def test_a_user_that_the_image_has(user: str, image: str) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}USER {user}\n{CMD}")

    assert image_of(got) == image
    assert got.runtime.endswith(f"USER {user}\n{CMD}")


def test_a_user_that_nothing_makes() -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}USER ghost\n{CMD}")

    assert got.reasons == ("no smaller image is known to have the user `ghost`",)


@pytest.mark.parametrize("make", ["RUN useradd -m app\n", "RUN groupadd -g 5 app && useradd -u 5 -g 5 app\n"])
def test_a_user_that_the_author_makes(make: str) -> None:
    moved = split(f"FROM golang:1.23\n{make}{SOURCE}{BUILD}USER app\n{CMD}")
    assert moved.text == (
        f"FROM golang:1.23 AS build\n{SOURCE}RUN CGO_ENABLED=0 go build -o app .\n\n"
        f"FROM {SLIM}\n{make}WORKDIR /src\n{apt('ca-certificates')}{APP}USER app\n{CMD}"
    )

    # The build needs the user too.
    owned = split(f"FROM golang:1.23\n{make}WORKDIR /src\nCOPY --chown=app:app . .\n{BUILD}USER app\n{CMD}")
    assert owned.text.count(make) == 2
    # An installation stands above USER.
    early = split(f"FROM golang:1.23\n{make}USER app\n{SOURCE}{BUILD}{CMD}")
    assert early.runtime == f"FROM {SLIM}\n{make}{apt('ca-certificates')}USER app\nWORKDIR /src\n{APP}{CMD}"
    assert f"{make}USER app\n{SOURCE}" in early.text


def test_on_alpine() -> None:
    make = "RUN adduser -D app\n"

    got = split(f"FROM golang:1.23-alpine3.20\n{make}{SOURCE}{BUILD}USER app\n{CMD}")

    assert got.text == (
        f"FROM golang:1.23-alpine3.20 AS build\n{SOURCE}{BUILD}\n"
        f"FROM alpine:3.20\n{make}WORKDIR /src\n{APP}USER app\n{CMD}"
    )


@pytest.mark.parametrize(
    ("above", "cmd", "packages"),
    [
        ("RUN apk add --no-cache tzdata\n", "CMD ./app -x $PORT\n", "RUN apk add --no-cache tzdata\n"),
        ("ENV TZ=Europe/Berlin\n", "CMD ./app -x $PORT\n", "RUN apk add --no-cache tzdata\n"),
        ("RUN apk add --no-cache git\n", "CMD ./app -x $PORT\n", ""),
        ("RUN apk add --no-cache curl\n", "HEALTHCHECK CMD curl x\n" + CMD, "RUN apk add --no-cache curl\n"),
        ("", "HEALTHCHECK CMD wget -q localhost\n" + CMD, ""),
    ],
)
def test_packages_on_alpine(above: str, cmd: str, packages: str) -> None:
    got = split(f"FROM golang:1.23-alpine3.20\n{above}{SOURCE}{BUILD}{cmd}")

    assert image_of(got) == "alpine:3.20"
    assert (packages in got.runtime) and got.runtime.count("apk add") == bool(packages)


def test_what_runs_moves_in_order_and_what_builds_stays() -> None:
    labels = 'LABEL a=b \\\n      c="d e"\nMAINTAINER me\n'
    env = "ENV A=1 \\\n    # note\n    B=2\n"
    version = "ARG V=1\nENV V=$V\n"
    below = 'EXPOSE 443/tcp 90\nVOLUME /data\nVOLUME ["/x"]\nENV PORT=80\nSTOPSIGNAL SIGINT\nLABEL e=$V\n'

    got = split(f"FROM golang:1.23\n{labels}{env}ENV CGO_ENABLED=0\n{version}{SOURCE}EXPOSE 80\n{BUILD}{below}{CMD}")

    assert got.text == (
        f"FROM golang:1.23 AS build\n{env}ENV CGO_ENABLED=0\n{version}{SOURCE}{BUILD}\n"
        f"FROM {STATIC}\n{labels}{env}{version}WORKDIR /src\n{APP}EXPOSE 80\n{below}{CMD}"
    )


@pytest.mark.parametrize(
    ("from_", "build", "runtime"),
    [
        ("FROM golang:1.23 AS app", "FROM golang:1.23 AS build", f"FROM {STATIC} AS app"),
        ("FROM golang:1.23 as App", "FROM golang:1.23 as build", f"FROM {STATIC} AS App"),
        ("FROM golang:1.23 AS build", "FROM golang:1.23 AS build-2", f"FROM {STATIC} AS build"),
        ("ARG V=1.23\nFROM golang:${V}", "ARG V=1.23\nFROM golang:${V} AS build", f"FROM {STATIC}"),
        (
            "FROM --platform=linux/amd64 golang:1.23",
            "FROM --platform=linux/amd64 golang:1.23 AS build",
            f"FROM --platform=linux/amd64 {STATIC}",
        ),
        (
            "FROM --platform=$BUILDPLATFORM golang:1.23",
            "FROM --platform=$BUILDPLATFORM golang:1.23 AS build",
            f"FROM {STATIC}",
        ),
        (
            f"FROM golang:1.23-bookworm@sha256:{'0' * 64}",
            f"FROM golang:1.23-bookworm@sha256:{'0' * 64} AS build",
            f"FROM {STATIC}",
        ),
    ],
)
def test_from(from_: str, build: str, runtime: str) -> None:
    got = split(f"{from_}\n{SOURCE}{BUILD}{CMD}")

    name = build.split()[-1]
    assert got.text == (
        f"{build}\n{SOURCE}RUN CGO_ENABLED=0 go build -o app .\n\n{runtime}\nWORKDIR /src\n"
        f"COPY --from={name} /src/app ./\n{CMD}"
    )


@pytest.mark.parametrize(
    ("workdir", "expected"),
    [
        ("WORKDIR src\nCOPY . .\n", "WORKDIR /go/src\nCOPY --from=build /go/src/app ./\n"),
        ("COPY . .\n", "WORKDIR /go\nCOPY --from=build /go/app ./\n"),
        ("ENV D=/srv/x\nWORKDIR $D\nCOPY . .\n", "ENV D=/srv/x\nWORKDIR /srv/x\nCOPY --from=build /srv/x/app ./\n"),
        ("WORKDIR /a\nWORKDIR b\nCOPY . .\n", "WORKDIR /a/b\nCOPY --from=build /a/b/app ./\n"),
    ],
)
def test_the_work_folder_stays(workdir: str, expected: str) -> None:
    got = split(f"FROM golang:1.23\n{workdir}{BUILD}{CMD}")

    assert got.runtime == f"FROM {STATIC}\n{expected}{CMD}"


@pytest.mark.parametrize(
    ("cmd", "image"),
    [
        ("CMD ./app -x $PORT\n", SLIM),
        ('CMD ["sh", "-c", "./app"]\n', SLIM),
        ('ENTRYPOINT ./app\nCMD ["x"]\n', SLIM),
        ('ENTRYPOINT ["./app"]\nCMD ["-x"]\n', STATIC),
    ],
)
def test_the_command_stays_as_it_is(cmd: str, image: str) -> None:
    got = split(f"FROM golang:1.23\n{SOURCE}{BUILD}{cmd}")

    assert image_of(got) == image
    assert got.runtime.endswith(cmd)


def test_comments_go_with_what_moves() -> None:
    got = split(
        "# the base\nFROM golang:1.23\n\n# where\nWORKDIR /src\n\n# all of it\nCOPY . .\n\n# build it\n"
        f"RUN go build \\\n    # note\n    -o app .\n\n# port\nEXPOSE 80\n\n# run\n{CMD}# end\n"
    )

    assert got.text == (
        "# the base\nFROM golang:1.23 AS build\n\n# where\nWORKDIR /src\n\n# all of it\nCOPY . .\n\n# build it\n"
        "RUN CGO_ENABLED=0 go build \\\n    # note\n    -o app .\n\n"
        f"FROM {STATIC}\nWORKDIR /src\n{APP}# port\nEXPOSE 80\n\n# run\n{CMD}# end\n"
    )


def test_crlf_lower_case_byte_order_mark_and_no_last_newline() -> None:
    text = '\ufefffrom golang:1.23\nworkdir /src\ncopy . .\nrun go build -o app .\n\n# port\nexpose 80\ncmd ["./app"]'

    got = split(text.replace("\n", "\r\n"))

    assert got.text.replace("\r\n", "\n") == (
        "\ufefffrom golang:1.23 as build\nworkdir /src\ncopy . .\nrun CGO_ENABLED=0 go build -o app .\n\n"
        f'from {STATIC}\nworkdir /src\ncopy --from=build /src/app ./\n# port\nexpose 80\ncmd ["./app"]'
    )


def test_a_heredoc_keeps_its_body() -> None:
    run = "RUN <<EOF\nset -e\ngo build -o app .\nFROM nothing\nEOF\n"

    assert split(f"FROM golang:1.23\n{SOURCE}{run}{CMD}").reasons == ("what `FROM nothing` writes is not known",)
    got = split(f"FROM golang:1.23\n{SOURCE}{run.replace('FROM nothing', 'echo FROM nothing')}{CMD}")
    assert "RUN <<EOF\nset -e\nCGO_ENABLED=0 go build -o app .\necho FROM nothing\nEOF\n" in got.text


def test_what_is_only_not_known_is_no_refusal_where_it_is_tried() -> None:
    text = f"FROM golang:1.23\n{SOURCE}{BUILD}{CMD}"
    files = calls("exec.Command(os.Args[1]).Run()", imports=("os", "os/exec"))

    assert image_of(rewrite("go/split-stages", text, files, options=Options(will_be_tried=True)))


def test_cxx_on_alpine_and_on_debian() -> None:
    files = {**FILES, "main.go": 'package main\n\nimport "C"\n\nfunc main() {}\n', "fast.cpp": ""}

    alpine = split(f"FROM golang:1.23-alpine3.20\nRUN apk add --no-cache g++\n{SOURCE}{BUILD}{CMD}", files)
    debian = split(f"FROM golang:1.23-bookworm\n{SOURCE}{BUILD}{CMD}", files)

    assert image_of(alpine) == "alpine:3.20"
    assert "RUN apk add --no-cache libstdc++" in alpine.runtime
    assert image_of(debian) == "gcr.io/distroless/cc-debian13"


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
