"""Modules are downloaded before the source, wherever the manifests alone are enough for that."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import Rewritten, rewrite

MODULE = "module example.com/app\n\ngo 1.23\n\nrequire github.com/google/uuid v1.6.0\n"
FILES = {"go.mod": MODULE, "go.sum": "x\n", "main.go": "package main\n\nfunc main() {}\n"}
HEAD = "FROM golang:1.23\nWORKDIR /src\n"
COPY = "COPY . .\n"
FIRST = "COPY go.mod go.sum ./\nRUN go mod download\n"
BUILD = "RUN go build -o app .\n"
ACCESS = "access to modules is set up below the COPY"


def order(text: str, files: dict[str, str] | None = None, ignore: str | None = None) -> Rewritten:
    return rewrite("go/copy-dependencies-first", text, FILES if files is None else files, ignore=ignore)


def without(*names: str, **more: str) -> dict[str, str]:
    kept = {name: text for name, text in FILES.items() if name not in names}
    return {**kept, **{name.replace("__", "/"): text for name, text in more.items()}}


def moved(folder: str) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in FILES.items()}


def required(directive: str) -> str:
    return f"{MODULE}require example.com/x v0.0.0\n{directive}\n"


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        (BUILD, BUILD),
        ("RUN go mod download\n" + BUILD, BUILD),
        ("RUN go mod download && go build -o app .\n", BUILD),
        ("# deps\nRUN go mod download \\\n  && go mod verify\n" + BUILD, "# deps\nRUN go mod verify\n" + BUILD),
        ("RUN go mod download -x\n" + BUILD, "RUN go mod download -x\n" + BUILD),
        # What looks at the source stays below it.
        ("RUN go mod tidy\n" + BUILD, "RUN go mod tidy\n" + BUILD),
        ("RUN go mod tidy && go build -o app .\n", "RUN go mod tidy && go build -o app .\n"),
        ("RUN go get ./...\n" + BUILD, "RUN go get ./...\n" + BUILD),
        ("RUN go generate ./... && go build -o app .\n", "RUN go generate ./... && go build -o app .\n"),
        ("RUN go test ./...\n" + BUILD, "RUN go test ./...\n" + BUILD),
        ("RUN go install example.com/x@v1\n" + BUILD, "RUN go install example.com/x@v1\n" + BUILD),
        ("RUN ./gen.sh\n" + BUILD, "RUN ./gen.sh\n" + BUILD),
        ('RUN ["go", "build", "-o", "app", "."]\n', 'RUN ["go", "build", "-o", "app", "."]\n'),
        ("RUN <<EOF\ngo mod download\ngo build\nEOF\n", "RUN <<EOF\ngo mod download\ngo build\nEOF\n"),
    ],
)
def test_downloads_first(below: str, expected: str) -> None:
    assert order(HEAD + COPY + below).text == HEAD + FIRST + COPY + expected


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        # A module in a sub-folder is found by what the COPY makes of it.
        (
            "FROM golang:1.23\nWORKDIR /src/svc\nCOPY svc/ .\n" + BUILD,
            moved("svc"),
            "COPY svc/go.mod svc/go.sum ./\nRUN go mod download\n",
        ),
        (
            HEAD + COPY + "RUN cd svc && go build\n",
            moved("svc"),
            "COPY svc/go.mod svc/go.sum ./svc/\nRUN cd /src/svc && go mod download\n",
        ),
        (
            "FROM golang:1.23\nCOPY . /src\nWORKDIR /src/svc\n" + BUILD,
            moved("svc"),
            "COPY svc/go.mod svc/go.sum /src/svc/\nRUN cd /src/svc && go mod download\n",
        ),
        (
            "FROM golang:1.23\nCOPY . ./src\nWORKDIR /go/src\n" + BUILD,
            FILES,
            "COPY go.mod go.sum ./src/\nRUN cd /go/src && go mod download\n",
        ),
        # Each local module's own manifest, in its folder.
        (
            HEAD + COPY + BUILD,
            {
                **FILES,
                "go.mod": required("replace example.com/x => ./x"),
                "x/go.mod": "module x\n",
                "x/x.go": "package x",
            },
            "COPY go.mod go.sum ./\nCOPY x/go.mod ./x/\nRUN go mod download\n",
        ),
        (HEAD + COPY + BUILD, {**FILES, "go.mod": required("replace example.com/x => example.com/y v1.0.0")}, FIRST),
        (
            HEAD + COPY + "RUN go build ./a\n",
            {
                "go.work": "go 1.23\nuse (\n\t./a\n\t./b\n)\n",
                **moved("a"),
                "b/go.mod": "module b\n",
                "b/b.go": "package b",
            },
            "COPY a/go.mod a/go.sum ./a/\nCOPY b/go.mod ./b/\nCOPY go.work ./\nRUN go mod download\n",
        ),
        # The workspace does not come along, so that it does not count.
        (
            HEAD + "COPY a .\n" + BUILD,
            {"go.work": "go 1.23\nuse ./a\n", **moved("a")},
            "COPY a/go.mod a/go.sum ./\nRUN go mod download\n",
        ),
        (HEAD + "COPY --chown=5:5 . .\n" + BUILD, FILES, FIRST.replace("COPY", "COPY --chown=5:5")),
        (HEAD + 'COPY [".", "."]\n' + BUILD, FILES, FIRST),
        (HEAD + "ADD . /src\n" + BUILD, FILES, FIRST),
        (
            "ARG V=1.23\nFROM --platform=$BUILDPLATFORM golang:${V} AS app\nARG TARGETARCH\nWORKDIR /src\n"
            "COPY . .\nRUN GOARCH=$TARGETARCH go build\n",
            FILES,
            FIRST,
        ),
        ("FROM golang:1.23-alpine\nRUN apk add git\nWORKDIR /src\nCOPY . .\n" + BUILD, FILES, FIRST),
        (
            "FROM golang:1.23\nENV GOPRIVATE=x.com\nRUN git config --global url.x.insteadOf y\nWORKDIR /src\nCOPY . .\n"
            + BUILD,
            FILES,
            FIRST,
        ),
        ("FROM golang:1.23\nUSER app\nWORKDIR /src\nCOPY . .\n" + BUILD, FILES, FIRST),
        (
            "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\n"
            + BUILD
            + "\nFROM scratch\nCOPY --from=0 /src/app /\n",
            FILES,
            FIRST,
        ),
    ],
)
def test_by_whichever_copy(text: str, files: dict[str, str], expected: str) -> None:
    copy = next(line for line in text.splitlines(keepends=True) if line.startswith(("COPY", "ADD")))

    assert order(text, files).text == text.replace(copy, expected + copy, 1)


def test_a_vendored_module_that_the_context_hides() -> None:
    files = {**FILES, "vendor/modules.txt": "# github.com/google/uuid v1.6.0\n"}

    assert order(HEAD + COPY + BUILD, files, "vendor\n").text == HEAD + FIRST + COPY + BUILD
    assert order(HEAD + COPY + BUILD, files).text == HEAD + COPY + BUILD


def test_layout() -> None:
    text = "FROM golang:1.23\nWORKDIR /src\n\n# all\nCOPY . .\n\n# build\nRUN go build \\\n\t# note\n\t-o app ."

    got = order(text.replace("\n", "\r\n"))

    assert got.text == text.replace("# all", FIRST + "# all").replace("\n", "\r\n")


def test_byte_order_mark_lower_case_and_tabs() -> None:
    got = order("\ufefffrom golang:1.23\nworkdir /src\ncopy\t.\t.\nrun\tgo build\n")

    assert got.text == (
        "\ufefffrom golang:1.23\nworkdir /src\ncopy go.mod go.sum ./\nrun go mod download\ncopy\t.\t.\nrun\tgo build\n"
    )


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (HEAD + "COPY go.mod go.sum ./\nCOPY . .\n" + BUILD, FILES),
        (HEAD + "COPY go.* ./\nRUN go mod download\nCOPY . .\n" + BUILD, FILES),
        (HEAD + COPY + BUILD, {"go.mod": "module m\n", "main.go": "package main"}),
        (HEAD + COPY + BUILD, {**FILES, "vendor/modules.txt": "# x\n"}),
        (HEAD + COPY + "RUN make build\n", FILES),
        (HEAD + "ONBUILD COPY . .\nONBUILD RUN go build\n", FILES),
        ("FROM golang:1.10\nWORKDIR /go/src/app\nCOPY . .\nRUN go get -d ./...\n", {"main.go": "package main"}),
        ("FROM debian:12\nWORKDIR /src\nCOPY . .\nRUN go build\n", FILES),
        (HEAD + "COPY . .\n", FILES),
        (HEAD + "COPY --from=other /src .\n" + BUILD, FILES),
    ],
)
def test_leaves_alone(text: str, files: dict[str, str]) -> None:
    got = order(text, files)

    assert (got.text, got.reasons) == (text, ())


@pytest.mark.parametrize(
    ("below", "files", "reason"),
    [
        (BUILD, without("go.sum"), "`go.sum` is missing and `go.mod` requires modules"),
        ("RUN go mod tidy\n" + BUILD, without("go.sum"), "`go.sum` is missing and `go.mod` requires modules"),
        (
            BUILD,
            {**FILES, "go.mod": required("replace example.com/x => ../x")},
            "`go.mod` replaces `example.com/x` with a folder outside the build context",
        ),
        (
            BUILD,
            {**FILES, "go.mod": required("replace example.com/x => ./x")},
            "`go.mod` replaces `example.com/x` with `./x`, which has no go.mod",
        ),
        (
            "RUN go build ./a\n",
            {"go.work": "go 1.23\nuse (\n\t./a\n\t./b\n)\n", **moved("a")},
            "`go.work` uses `b`, which has no go.mod in the build context",
        ),
        ("RUN cd 'my svc' && go build\n", moved("my svc"), "where the go.mod lands can't be told"),
        ("ENV GOPRIVATE=x\n" + BUILD, FILES, "`GOPRIVATE` is set below the COPY, and the download needs it"),
        ("ARG GOPROXY\n" + BUILD, FILES, "`GOPROXY` is set below the COPY, and the download needs it"),
        ("ENV https_proxy=x\n" + BUILD, FILES, "`https_proxy` is set below the COPY, and the download needs it"),
        ("RUN GOPROXY=direct go build\n", FILES, "`GOPROXY` is set for this command only"),
        ("RUN export GOFLAGS=-mod=mod && go build\n", FILES, "`GOFLAGS` is set for this command only"),
        ("USER app\n" + BUILD, FILES, "the user changes below the COPY"),
        ("RUN git config --global url.x.insteadOf y\n" + BUILD, FILES, ACCESS),
        ("RUN git config --global url.x.insteadOf y && go build\n", FILES, ACCESS),
        ("RUN go env -w GOPRIVATE=x\n" + BUILD, FILES, ACCESS),
        ("RUN ssh-keyscan github.com >> /etc/ssh/known_hosts\n" + BUILD, FILES, ACCESS),
        ("COPY .netrc /root/.netrc\n" + BUILD, {**FILES, ".netrc": ""}, ACCESS),
        ("RUN cp .netrc /root/ && go build\n", {**FILES, ".netrc": ""}, ACCESS),
        ("COPY ca.crt /usr/local/share/ca-certificates/\n" + BUILD, {**FILES, "ca.crt": ""}, ACCESS),
        ("RUN update-ca-certificates\n" + BUILD, FILES, ACCESS),
        ("RUN apt-get update && apt-get install -y git\n" + BUILD, FILES, ACCESS),
        ("RUN apk add --no-cache openssh && go build\n", FILES, ACCESS),
        ("RUN --mount=type=secret,id=netrc,target=/root/.netrc go build\n", FILES, ACCESS),
        ("RUN --mount=type=ssh go mod download\n" + BUILD, FILES, ACCESS),
    ],
)
def test_refuses(below: str, files: dict[str, str], reason: str) -> None:
    got = order(HEAD + COPY + below, files)

    assert (got.text, got.reasons) == (HEAD + COPY + below, (reason,))
