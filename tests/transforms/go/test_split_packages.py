"""C libraries and the programs that the runtime stage must bring."""

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

BASE = "gcr.io/distroless/base-debian13"


def requiring(*modules: str) -> dict[str, str]:
    lines = "".join(f"require {module}\n" for module in modules)
    return {**FILES, "go.mod": MODULE + "\n" + lines, "go.sum": ""}


# --- can it be split?


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


def test_cxx_on_alpine_and_on_debian() -> None:
    files = {**FILES, "main.go": 'package main\n\nimport "C"\n\nfunc main() {}\n', "fast.cpp": ""}

    alpine = split(f"FROM golang:1.23-alpine3.20\nRUN apk add --no-cache g++\n{SOURCE}{BUILD}{CMD}", files)
    debian = split(f"FROM golang:1.23-bookworm\n{SOURCE}{BUILD}{CMD}", files)

    assert image_of(alpine) == "alpine:3.20"
    assert "RUN apk add --no-cache libstdc++" in alpine.runtime
    assert image_of(debian) == "gcr.io/distroless/cc-debian13"
