"""A build stage and a runtime stage, on the smallest image that surely runs the program; or a reason."""

from __future__ import annotations

import pytest

from tests.transforms.go.splitting import (
    APP,
    BUILD,
    CMD,
    FILES,
    MODULE,
    SERVER,
    SLIM,
    SOURCE,
    STATIC,
    apt,
    calls,
    image_of,
    split,
)


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
        ("FROM golang:1.23 as App", "FROM golang:1.23 as build", f"FROM {STATIC} as App"),
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
