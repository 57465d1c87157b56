"""The last stage of a file that has several: a smaller image, or a report of what `scratch` lacks."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import Rewritten, rewrite, service

FILES = {"go.mod": "module example.com/app\n\ngo 1.23\n", "main.go": "package main\n\nfunc main() {}\n"}
BUILD = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"
RUN = 'WORKDIR /app\nCOPY --from=build /src/app ./\nCMD ["./app"]\n'
STATIC = "gcr.io/distroless/static-debian13"


def replace_image(text: str, files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("go/replace-runtime-image", text, FILES if files is None else files)


def program(*body: str, imports: tuple[str, ...]) -> dict[str, str]:
    named = "".join(f'\t"{name}"\n' for name in imports)
    lines = "".join(f"\t{line}\n" for line in body)
    return {**FILES, "main.go": f"package main\n\nimport (\n{named})\n\nfunc main() {{\n{lines}}}\n"}


@pytest.mark.parametrize("base", ["golang:1.23", "golang", "golang:1.23-alpine", "debian:bookworm", "ubuntu:22.04"])
def test_a_smaller_image(base: str) -> None:
    got = replace_image(f"{BUILD}FROM {base}\n{RUN}")

    expected = BUILD + f"FROM {STATIC}\n{RUN}" if "alpine" not in base else BUILD + f"FROM {base}\n{RUN}"
    assert got.text == expected


def test_the_program_is_built_without_cgo() -> None:
    got = replace_image(f"{BUILD.replace('CGO_ENABLED=0 ', '')}FROM debian:bookworm AS run\n# here\n{RUN}")

    assert got.text == f"{BUILD}FROM {STATIC} AS run\n# here\n{RUN}"


@pytest.mark.parametrize(
    "end",
    [
        f"FROM debian:bookworm-slim\n{RUN}",
        f"FROM alpine:3.20\n{RUN}",
        f"FROM debian:bookworm\nRUN apt-get update\n{RUN}",
        f"FROM debian:bookworm\nHEALTHCHECK CMD curl localhost\n{RUN}",
        f'FROM debian:bookworm\nSHELL ["bash", "-c"]\n{RUN}',
        f"FROM debian:bookworm\nUSER www-data\n{RUN}",
        f"FROM debian:bookworm\n{RUN.replace('WORKDIR /app', 'ENV X=1')}",
        "FROM debian:bookworm\n" + RUN.replace('["./app"]', "./app | tee log"),
        "FROM debian:bookworm\n" + RUN.replace('"./app"', '"./other"'),
        f"FROM build\n{RUN}",
    ],
)
def test_leaves_alone(end: str) -> None:
    got = replace_image(BUILD + end)

    assert (got.text, got.reasons) == (BUILD + end, ())


def test_a_program_that_starts_others_keeps_its_image() -> None:
    text = f"{BUILD}FROM debian:bookworm\n{RUN}"
    files = program('exec.Command("git", "status").Run()', imports=("os/exec",))

    assert replace_image(text, files).text == text


def test_a_program_that_needs_its_c_library() -> None:
    text = f"{BUILD.replace('CGO_ENABLED=0 ', '')}FROM debian:bookworm\n{RUN}"
    module = FILES["go.mod"] + "\nrequire github.com/mattn/go-sqlite3 v1.14.0\n"

    got = replace_image(text, {**FILES, "go.mod": module, "go.sum": ""})

    assert (got.text, got.reasons) == (text, ("the program may need the C library of this image",))


@pytest.mark.parametrize("said", [{"command": ("sh", "-c", "sleep 1")}, {"healthcheck": ("CMD", "curl", "x")}])
def test_a_service_that_needs_more(said: dict[str, tuple[str, ...]]) -> None:
    text = f"{BUILD}FROM debian:bookworm\n{RUN}"

    got = rewrite("go/replace-runtime-image", text, FILES, usage=service(**said))

    assert (got.text, got.reasons) == (text, ("a service runs other programs in this image",))


# --- scratch


@pytest.mark.parametrize(
    ("files", "above", "reason"),
    [
        (program('http.Get("https://x")', imports=("net/http",)), "", "certificates"),
        (
            program('http.Get("https://x")', imports=("net/http",)),
            "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n",
            "",
        ),
        (program('time.LoadLocation("Europe/Berlin")', imports=("time",)), "", "time zones"),
        (program('time.LoadLocation("Europe/Berlin")', imports=("time", "time/tzdata")), "", ""),
        (
            program('time.LoadLocation("Europe/Berlin")', imports=("time",)),
            "COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo\n",
            "",
        ),
        (FILES, "", ""),
    ],
)
def test_what_scratch_lacks(files: dict[str, str], above: str, reason: str) -> None:
    text = f"{BUILD}FROM scratch\n{above}{RUN}"

    got = replace_image(text, files)

    assert got.text == text
    assert bool(got.reasons) == bool(reason)
    assert all(reason in found for found in got.reasons)


def test_crlf() -> None:
    got = replace_image(f"{BUILD}FROM golang:1.23\n{RUN}".replace("\n", "\r\n"))

    assert got.text == f"{BUILD}FROM {STATIC}\n{RUN}".replace("\n", "\r\n")
