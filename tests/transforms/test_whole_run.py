"""All transforms over one file: mistakes that other tools are known for."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

MODULE = "module example.com/app\n\ngo 1.23\n\nrequire {} v1.0.0\n"
SERVER = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
GO = {"go.mod": MODULE.format("github.com/google/uuid"), "go.sum": "x\n", "main.go": SERVER}
NAIVE = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\nEXPOSE 8080\nCMD ./app\n"
DONE = """\
# syntax=docker/dockerfile:1
FROM golang:1.23 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \\
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    CGO_ENABLED=0 go build -o app .

FROM gcr.io/distroless/static-debian13:nonroot
WORKDIR /src
COPY --from=build /src/app ./
EXPOSE 8080
USER 65532:65532
CMD ["./app"]
"""


def test_a_naive_file() -> None:
    assert rewrite("", NAIVE, GO).text == DONE


def test_its_own_output_is_left_alone() -> None:
    assert rewrite("", DONE, GO).text == DONE


@pytest.mark.parametrize(
    "text", [NAIVE, NAIVE.rstrip(), NAIVE.lower(), "\ufeff" + NAIVE, "# hello\n\n" + NAIVE + "\n# bye\n"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_are_never_mixed(text: str, newline: str) -> None:
    got = rewrite("", text.replace("\n", newline), GO)

    assert got.text.count("\n") == got.text.count(newline) > text.count("\n")


def test_a_list_of_packages_keeps_every_backslash() -> None:
    packages = "    curl \\\n    # for thumbnails\n    libvips42 \\\n"
    run = f"RUN apt-get update && apt-get install -y \\\n{packages}    && rm -rf /var/lib/apt/lists/*\n"
    text = f"FROM golang:1.23-bookworm\n{run}WORKDIR /src\nCOPY . .\nRUN go build -o app .\n" + 'CMD ["./app"]\n'

    got = rewrite("", text, GO)

    for line in ("    curl \\\n", "    # for thumbnails\n", "    libvips42"):
        assert line in got.text


@pytest.mark.parametrize(
    "body", ["FROM evil\nUSER root\n", "CMD node x\n", "RUN --mount=type=cache,target=/x y\n", "npm ci\n"]
)
def test_the_body_of_a_heredoc_is_no_instruction(body: str) -> None:
    heredoc = f"COPY <<EOF /x\n{body}EOF\nRUN cat <<'E F' > /y\n{body}E F\n"

    got = rewrite("", f"FROM debian:12\n{heredoc}", {})

    assert got.text == f"FROM debian:12\n{heredoc}"


def test_cgo_is_never_switched_off_under_sqlite() -> None:
    files = {**GO, "go.mod": MODULE.format("github.com/mattn/go-sqlite3")}

    assert "CGO_ENABLED" not in rewrite("", NAIVE, files).text


@pytest.mark.parametrize("command", ["./app && echo", "./app || exit 1", "./app $PORT", "./app `id`", "./app > /log"])
def test_shell_syntax_never_becomes_an_argument(command: str) -> None:
    got = rewrite("", NAIVE.replace("CMD ./app", f"CMD {command}"), GO)

    assert f"CMD {command}\n" in got.text
    assert "CMD [" not in got.text


def test_mounts_stand_apart() -> None:
    text = NAIVE.replace("RUN go", "RUN --mount=type=secret,id=a --network=default go")

    flags = [word for word in rewrite("", text, GO).text.split() if word.startswith("--mount")]

    assert all(flag.count("--mount") == 1 for flag in flags)
    assert len(flags) >= 3


@pytest.mark.parametrize("user", ["app", "app:app", "www-data"])
def test_a_named_user_is_there(user: str) -> None:
    make = "RUN useradd app\n" if "app" in user else ""
    text = NAIVE.replace("CMD", f"USER {user}\nCMD").replace("COPY", make + "COPY", 1)

    got = rewrite("", text, GO)

    assert f"USER {user}\n" in got.runtime
    assert make in got.runtime


def test_numbers_of_stages_keep_their_meaning() -> None:
    text = (
        "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n\n"
        'FROM alpine:3.20\nCOPY --from=0 /src/app /app\nCMD ["/app"]\n'
    )

    got = rewrite("", text, GO)

    assert got.text.count("FROM ") == 2
    assert "COPY --from=0 /src/app /app\n" in got.text
