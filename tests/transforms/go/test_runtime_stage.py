"""The runtime stage of a Go program: where it can run, what travels with it, what is refused."""

from __future__ import annotations

import pytest

from dockerslim.context.usage import Evidence, Usage
from tests.transforms.rewriting import mounts, rewrite, service

MODULE = {"go.mod": "module example.com/app\n\ngo 1.23\n"}
SERVER = {
    **MODULE,
    "main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
}
SQLITE = {
    "go.mod": "module example.com/app\n\ngo 1.23\n\nrequire github.com/mattn/go-sqlite3 v1.14.24\n",
    "go.sum": "",
    "main.go": 'package main\n\nimport (\n\t"database/sql"\n\t_ "github.com/mattn/go-sqlite3"\n)\n\n'
    'func main() { sql.Open("sqlite3", "data/app.db") }\n',
}
HEAD = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\n"
BUILD = f"{HEAD}RUN go build -o app .\n"
CMD = 'CMD ["./app"]\n'


def reading(call: str, imports: str = '"os"') -> dict[str, str]:
    return {**MODULE, "main.go": f"package main\n\nimport {imports}\n\nfunc main() {{ {call} }}\n"}


# --- the image


@pytest.mark.parametrize(
    ("text", "files", "image"),
    [
        (BUILD + CMD, SERVER, "gcr.io/distroless/static-debian13"),
        (BUILD + CMD, SQLITE, "gcr.io/distroless/base-debian13"),
        (BUILD.replace("1.23", "1.24-alpine3.20") + CMD, SERVER, "gcr.io/distroless/static-debian13"),
        (
            BUILD.replace("1.23", "1.24-alpine3.20").replace("RUN", "RUN apk add gcc musl-dev\nRUN") + CMD,
            SQLITE,
            "alpine:3.20",
        ),
        (BUILD + "ENTRYPOINT ./app\n" + 'CMD ["-x"]\n', SERVER, "debian:bookworm-slim"),
        (
            BUILD.replace("golang:1.23", "--platform=linux/amd64 golang:1.23") + CMD,
            SERVER,
            "--platform=linux/amd64 gcr",
        ),
    ],
)
def test_image(text: str, files: dict[str, str], image: str) -> None:
    assert rewrite("go/split-stages", text, files).runtime.startswith(f"FROM {image}")


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("RUN go build -o app .\n", "RUN CGO_ENABLED=0 go build -o app .\n"),
        ("RUN cd /src && go build -o app .\n", "RUN cd /src && CGO_ENABLED=0 go build -o app .\n"),
        ("RUN CGO_ENABLED=0 go build -o app .\n", "RUN CGO_ENABLED=0 go build -o app .\n"),
        ('RUN ["go", "build", "-o", "app", "."]\n', 'ENV CGO_ENABLED=0\nRUN ["go", "build", "-o", "app", "."]\n'),
    ],
)
def test_a_program_without_cgo_is_linked_statically(build: str, expected: str) -> None:
    assert expected in rewrite("go/split-stages", HEAD + build + CMD, SERVER).text


def test_sqlite_keeps_cgo() -> None:
    assert "CGO_ENABLED" not in rewrite("go/split-stages", BUILD + CMD, SQLITE).text


def test_a_named_stage_keeps_its_name_below() -> None:
    got = rewrite("go/split-stages", BUILD.replace("golang:1.23", "golang:1.23 AS app") + CMD, SERVER).text

    assert got.startswith("FROM golang:1.23 AS build\n")
    assert "FROM gcr.io/distroless/static-debian13 AS app\n" in got


# --- what travels


@pytest.mark.parametrize(
    ("call", "imports", "file", "copied"),
    [
        ('os.ReadFile("conf/a.yml")', '"os"', "conf/a.yml", "COPY --from=build /src/conf ./conf/\n"),
        ('os.ReadFile("a.yml")', '"os"', "a.yml", "COPY --from=build /src/app /src/a.yml ./\n"),
        ('template.ParseGlob("t/*.html")', '"html/template"', "t/x.html", "COPY --from=build /src/t ./t/\n"),
        ('filepath.WalkDir(".", nil)', '"path/filepath"', "notes/a.md", "COPY --from=build /src/notes ./notes/\n"),
        ("os.ReadFile(os.Args[1])", '"os"', "data/a.csv", "COPY --from=build /src/data ./data/\n"),
        ('os.ReadFile(".env")', '"os"', "unrelated.txt", "/src/.env*"),
    ],
)
def test_files_that_are_read(call: str, imports: str, file: str, copied: str) -> None:
    files = {**reading(call, imports), file: "x", "README.md": "x"}

    got = rewrite("go/split-stages", BUILD + CMD, files).runtime

    assert copied in got
    assert "README.md" not in got


def test_an_argument_of_the_command_travels() -> None:
    files = {**SERVER, "conf/a.yml": "x"}

    got = rewrite("go/split-stages", BUILD + 'CMD ["./app", "-config", "conf/a.yml"]\n', files).runtime

    assert "COPY --from=build /src/conf ./conf/\n" in got


def test_a_bare_name_stays_on_the_path() -> None:
    got = rewrite("go/split-stages", f'{HEAD}RUN go install .\nCMD ["app"]\n', SERVER).runtime

    assert "ENV PATH=/go/bin:$PATH\nCOPY --from=build /go/bin/app /go/bin/\n" in got


def test_settings_and_comments_move_once() -> None:
    text = (
        f"{BUILD}# the port\nEXPOSE 8080\n\nLABEL a=b \\\n  c=d\nENV GIN_MODE=release\nSTOPSIGNAL SIGINT\n{CMD}# end\n"
    )

    got = rewrite("go/split-stages", text, SERVER)

    for line in ("# the port\nEXPOSE 8080\n", "LABEL a=b \\\n  c=d\n", "ENV GIN_MODE=release\n", "STOPSIGNAL SIGINT\n"):
        assert got.text.count(line) == 1
        assert line in got.runtime
    assert got.text.endswith("# end\n")


# --- other programs


@pytest.mark.parametrize(
    ("check", "image", "packages"),
    [
        ('HEALTHCHECK CMD ["/src/app", "-check"]\n', "gcr.io/distroless/static", ""),
        ("HEALTHCHECK CMD curl -f http://localhost || exit 1\n", "debian:bookworm-slim", "ca-certificates curl"),
        ("HEALTHCHECK NONE\n", "gcr.io/distroless/static", ""),
    ],
)
def test_a_health_check_finds_its_program(check: str, image: str, packages: str) -> None:
    got = rewrite("go/split-stages", BUILD + check + CMD, SERVER).runtime

    assert got.startswith(f"FROM {image}")
    assert packages in got


def test_a_shell_of_a_service_is_there() -> None:
    usage = service(command=("sh", "-c", "sleep 1 && ./app"))

    assert rewrite("go/split-stages", BUILD + CMD, SERVER, usage=usage).runtime.startswith("FROM debian:bookworm-slim")


# --- refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BUILD, "what the image runs is not said"),
        (BUILD + 'CMD ["air"]\n', "`air` is a development server"),
        (BUILD + 'CMD ["go", "run", "."]\n', "`go run` runs when the container starts"),
        (BUILD + 'CMD ["make", "run"]\n', "what `make` runs is not known"),
        (BUILD + 'CMD ["./start.sh"]\n', "what `./start.sh` runs is not known"),
        (BUILD + 'CMD ["./other"]\n', "`./other` is not a program that this file builds"),
        (BUILD + "CMD if x; then ./app; fi\n", "the command is more than plain commands"),
        (f'SHELL ["/bin/bash", "-c"]\n{CMD}'.join((BUILD, "")), "the stage has SHELL instructions"),
        (BUILD + "ONBUILD RUN x\n" + CMD, "the stage has ONBUILD instructions"),
        (f"{HEAD}RUN ./prepare.sh && go build -o app .\n{CMD}", "what `./prepare.sh` writes is not known"),
        (f"{HEAD}RUN curl -O https://x.example/y && go build -o app .\n{CMD}", "what `curl -O` writes is not known"),
        (f"{HEAD}RUN make build\n{CMD}", "what `make build` writes is not known"),
        (f"{HEAD}RUN go build -o app . > log.txt; sort x > y\n{CMD}", "what `sort x` writes is not known"),
        (f"{HEAD}RUN go build -o app . && rm app\n{CMD}", "`/src/app` is removed after it is built"),
        (f"{BUILD}HEALTHCHECK CMD probe-it\n{CMD}", "where the HEALTHCHECK finds `probe-it` is not known"),
        (f"{HEAD}COPY missing.txt /x\nRUN go build -o app .\n{CMD}", "the build context has no `missing.txt`"),
        (f"{HEAD}ADD https://x.example/y /y\nRUN go build -o app .\n{CMD}", "what this copies can't be told"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    got = rewrite("go/split-stages", text, SERVER)

    assert got.text == text
    assert got.reasons == (reason,)


def test_a_mount_over_the_work_folder_is_refused() -> None:
    got = rewrite("go/split-stages", BUILD + CMD, SERVER, usage=mounts(".", "/src"))

    assert got.reasons == ("`compose.yml` mounts `.` over the work folder in service `web`",)


def test_a_service_that_runs_go_is_refused() -> None:
    got = rewrite("go/split-stages", BUILD + CMD, SERVER, usage=service(command="go test ./..."))

    assert got.reasons == ("`compose.yml` runs `go` in service `web`",)


@pytest.mark.parametrize(
    "text",
    [
        BUILD.replace("1.23", "1.23 AS b") + '\nFROM scratch\nCOPY --from=b /src/app /app\nCMD ["/app"]\n',
        'FROM debian:12\nCOPY app /app\nCMD ["/app"]\n',
    ],
)
def test_nothing_to_do(text: str) -> None:
    got = rewrite("go/split-stages", text, {**SERVER, "app": "x"})

    assert got.text == text
    assert got.reasons == ()


def test_crlf_lower_case_and_no_last_newline() -> None:
    text = (BUILD + CMD).replace("FROM", "from").replace("RUN", "run").replace("COPY", "copy").replace("CMD", "cmd")
    text = text.replace("WORKDIR", "workdir").rstrip("\n").replace("\n", "\r\n")

    got = rewrite("go/split-stages", text, SERVER).text

    assert got.startswith("from golang:1.23 as build\r\n")
    assert got.endswith('copy --from=build /src/app ./\r\ncmd ["./app"]')


def test_a_folder_that_the_author_puts_on_the_path_is_there() -> None:
    text = f'{HEAD}ENV PATH=$PATH:/src\nRUN go build -o app .\nCMD ["app"]\n'

    assert rewrite("go/split-stages", text, SERVER).runtime.count("ENV PATH") == 1


def test_a_compose_file_that_cannot_be_read_may_say_anything() -> None:
    usage = Usage(unreadable=(Evidence("compose.yml", 2, "bad indentation"),))

    got = rewrite("go/split-stages", BUILD + CMD, SERVER, usage=usage)

    assert got.reasons == ("`compose.yml` can't be read, and may say how the image is used",)


def test_a_temporary_file_needs_no_folder_of_its_own() -> None:
    got = rewrite("", BUILD + CMD, reading('os.CreateTemp("", "x")'))

    assert got.risks == ()
    assert "USER 65532:65532" in got.runtime
