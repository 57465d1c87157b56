"""Both caches on every go command that reads them, or on none."""

from __future__ import annotations

import pytest

from dockerslim.context.evidence import Evidence
from dockerslim.context.usage import Usage
from tests.transforms.rewriting import Rewritten, mounts, rewrite, service

MODULE = "module example.com/app\n\ngo 1.23\n\nrequire github.com/google/uuid v1.6.0\n"
FILES = {"go.mod": MODULE, "go.sum": "x\n", "main.go": "package main\n\nfunc main() {}\n"}
FROM = "FROM golang:1.23 AS build\n"
COPY = "WORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\n"
BUILD = "RUN go build -o app .\n"
END = '\nFROM scratch\nCOPY --from=build /src/app /app\nCMD ["/app"]\n'
MODULES = "--mount=type=cache,target=/go/pkg/mod"
OBJECTS = "--mount=type=cache,target=/root/.cache/go-build"
BOTH = f"RUN {MODULES} \\\n    {OBJECTS} \\\n    "
DOWNLOAD = f"RUN {MODULES} \\\n    go mod download\n"
READS = "a command reads files out of the module cache"
COPIES = "a stage copies files out of a cache"


def cache(text: str, files: dict[str, str] | None = None, usage: Usage | None = None) -> Rewritten:
    return rewrite("go/add-cache-mounts", text, FILES if files is None else files, usage=usage)


def cached(text: str) -> str:
    """`COPY` with its mount, and each RUN of a plain go command with both."""
    return text.replace("RUN go mod download\n", DOWNLOAD)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (BUILD, BOTH + "go build -o app .\n"),
        (
            "RUN go test ./...\nRUN go vet ./...\n" + BUILD,
            f"{BOTH}go test ./...\n{BOTH}go vet ./...\n{BOTH}go build -o app .\n",
        ),
        ("RUN go generate ./...\n" + BUILD, f"{BOTH}go generate ./...\n{BOTH}go build -o app .\n"),
        ("RUN go run ./gen\n" + BUILD, f"{BOTH}go run ./gen\n{BOTH}go build -o app .\n"),
        ("RUN go tool stringer\n" + BUILD, f"{BOTH}go tool stringer\n{BOTH}go build -o app .\n"),
        ("RUN go mod tidy\n" + BUILD, f"RUN {MODULES} \\\n    go mod tidy\n{BOTH}go build -o app .\n"),
        ("RUN CGO_ENABLED=0 GOOS=linux go build\n", f"{BOTH}CGO_ENABLED=0 GOOS=linux go build\n"),
        ("RUN time go build\n", f"{BOTH}time go build\n"),
        ('RUN ["go", "build"]\n', f'{BOTH}["go", "build"]\n'),
        ("RUN \\\n    go build\n", BOTH + "go build\n"),
        (
            "RUN go vet ./... && \\\n    # build\n    go build\n",
            f"{BOTH}go vet ./... && \\\n    # build\n    go build\n",
        ),
        ("RUN <<EOF\ngo vet ./...\ngo build\nEOF\n", f"{BOTH}<<EOF\ngo vet ./...\ngo build\nEOF\n"),
        ("RUN --network=none go build\n", f"RUN --network=none \\\n    {MODULES} \\\n    {OBJECTS} \\\n    go build\n"),
        (
            f"RUN {MODULES} go build\n",
            f"RUN {MODULES} \\\n    {OBJECTS} \\\n    go build\n",
        ),
        ("RUN go build && go clean -cache -modcache\n", f"{BOTH}go build\n"),
        ("RUN go build && rm -rf /root/.cache /go/pkg\n", f"{BOTH}go build\n"),
        # Commands that surely don't run go.
        (BUILD + "RUN upx app\n", BOTH + "go build -o app .\nRUN upx app\n"),
        ("RUN protoc --go_out=. x.proto\n" + BUILD, f"RUN protoc --go_out=. x.proto\n{BOTH}go build -o app .\n"),
        (BUILD + "RUN rm -rf /go/pkg/mod\n", BOTH + "go build -o app .\nRUN rm -rf /go/pkg/mod\n"),
        (BUILD + "RUN go clean -modcache\n", BOTH + "go build -o app .\nRUN go clean -modcache\n"),
        (BUILD + "RUN go version\n", BOTH + "go build -o app .\nRUN go version\n"),
        ("RUN cp $(go env GOROOT)/x /x\n" + BUILD, f"RUN cp $(go env GOROOT)/x /x\n{BOTH}go build -o app .\n"),
    ],
)
def test_every_go_command(runs: str, expected: str) -> None:
    assert cache(FROM + COPY + runs + END).text == FROM + cached(COPY) + expected + END


@pytest.mark.parametrize(
    ("env", "modules", "objects"),
    [
        ("ENV GOCACHE=/cache GOMODCACHE=/mod\n", "/mod", "/cache"),
        ("ENV GOPATH=/gp\n", "/gp/pkg/mod", "/root/.cache/go-build"),
        ("ENV GOPATH=/a:/b\n", "/a/pkg/mod", "/root/.cache/go-build"),
        ("ENV HOME=/h\n", "/go/pkg/mod", "/h/.cache/go-build"),
        ("ENV XDG_CACHE_HOME=/x\n", "/go/pkg/mod", "/x/go-build"),
        ("ENV GOCACHE=/cache GOMODCACHE=/mod\nUSER 5:6\n", "/mod,uid=5,gid=6", "/cache,uid=5,gid=6"),
    ],
)
def test_where_the_caches_are(env: str, modules: str, objects: str) -> None:
    got = cache(FROM + env + COPY + BUILD + END)

    assert got.text == (FROM + env + cached(COPY) + BOTH + "go build -o app .\n" + END).replace(
        "/go/pkg/mod", modules
    ).replace("/root/.cache/go-build", objects)


def test_the_authors_id_is_the_others_too() -> None:
    own = "RUN --mount=type=cache,id=x,target=/go/pkg/mod go mod download\n"

    got = cache(FROM + COPY.replace("RUN go mod download\n", own) + BUILD + END)

    assert f"RUN --mount=type=cache,id=x,target=/go/pkg/mod \\\n    {OBJECTS} \\\n    go build" in got.text


@pytest.mark.parametrize(
    ("files", "mount"),
    [
        ({**FILES, "vendor/modules.txt": "# x\n"}, OBJECTS),
        ({"go.mod": "module m\n", "main.go": "package main\n"}, OBJECTS),
    ],
)
def test_no_module_cache_where_no_module_is_loaded(files: dict[str, str], mount: str) -> None:
    text = FROM + "WORKDIR /src\nCOPY . .\n" + BUILD + END

    assert cache(text, files).text == text.replace("RUN go", f"RUN {mount} \\\n    go")


def test_stages_that_are_built_from_the_first() -> None:
    text = FROM + COPY + "\nFROM build AS two\n" + BUILD + END.replace("=build", "=two")

    assert cache(text).text == cached(text).replace("RUN go build", BOTH + "go build")


def test_layout() -> None:
    text = "from golang:1.23 as build\nworkdir /src\ncopy . .\nrun\tgo vet && \\\n\tgo build\n\n"
    text += "from scratch\ncopy --from=build /src/app /app"

    got = cache("\ufeff" + text.replace("\n", "\r\n"))

    assert got.text == "\ufeff" + text.replace("run\t", f"run\t{MODULES} \\\n\t{OBJECTS} \\\n\t").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "usage"),
    [
        (FROM + COPY + 'CMD ["go", "run", "."]\n', None),
        (FROM + COPY + BUILD, None),
        (FROM + COPY + BUILD + 'CMD ["./run.sh"]\n', None),
        (FROM + COPY + BUILD + 'ENTRYPOINT ["./entry"]\nCMD ["./app"]\n', None),
        (FROM + COPY + BUILD + 'CMD ["air"]\n', None),
        (FROM + COPY + BUILD + 'CMD ["./app"]\n', mounts(".", "/src")),
        (FROM + COPY + BUILD + 'CMD ["./app"]\n', service(command=("go", "test", "./..."))),
        (FROM + COPY + BUILD + 'CMD ["./app"]\n', service(command="sh -c 'go test ./...'")),
        (FROM + COPY + BUILD + 'CMD ["./app"]\n', Usage(devcontainer=Evidence(".devcontainer/devcontainer.json", 1))),
        (FROM + COPY + BUILD + END, Usage(script_targets=("build",))),
        (FROM + COPY + BUILD + END, Usage(script_targets=("0",))),
        (FROM + COPY + BUILD + '\nFROM build\nCMD ["go", "test", "./..."]\n', None),
        (FROM + COPY + BUILD + '\nFROM build AS test\nCMD ["go", "test"]\n' + END, Usage(script_targets=("test",))),
        (FROM + COPY.replace("go mod", f"{MODULES} go mod") + f"RUN {MODULES} {OBJECTS} go build\n" + END, None),
        ("FROM example.com/golang:1 AS build\n" + COPY + BUILD + END, None),
        (FROM + "RUN go version\n" + END, None),
    ],
)
def test_leaves_alone(text: str, usage: Usage | None) -> None:
    got = cache(text, {**FILES, "entry": "#!/bin/sh\ngo run .\n"}, usage)

    assert (got.text, got.reasons) == (text, ())


def test_a_child_of_a_bare_base_is_a_matter_of_its_own() -> None:
    base = "FROM golang:1.23 AS base\nRUN apt-get update\n\n"
    dev = 'FROM base AS dev\nRUN go install example.com/air@v1\nCMD ["air"]\n\n'
    text = base + dev + "FROM base AS build\n" + COPY + BUILD + END

    got = cache(text, usage=Usage(script_targets=("dev",)))

    assert got.text == cached(text).replace("RUN go build", BOTH + "go build")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (COPY + "RUN ./gen.sh\n" + BUILD + END, "whether `./gen.sh` runs go can't be seen"),
        (COPY + "RUN make gen\n" + BUILD + END, "whether `make` runs go can't be seen"),
        (COPY + "RUN golangci-lint run\n" + BUILD + END, "whether `golangci-lint` runs go can't be seen"),
        (COPY + "RUN sh -c 'go build'\n" + END, "whether `sh` runs go can't be seen"),
        (COPY + "RUN go test ./... | tee x\n" + BUILD + END, "whether `the script` runs go can't be seen"),
        (COPY + "RUN if true; then go build; fi\n" + END, "whether `the script` runs go can't be seen"),
        (COPY + "RUN <<EOF bash\ngo build\nEOF\n" + END, "whether `the script` runs go can't be seen"),
        (COPY + BUILD + "\nFROM build AS test\nRUN make test\n" + END, "whether `make` runs go can't be seen"),
        ("USER 1000:1000\n" + COPY + BUILD + END, "where go keeps its caches for this user is not known"),
        ("RUN useradd app\nUSER app\n" + COPY + BUILD + END, "where go keeps its caches for this user is not known"),
        ("ENV GOCACHE=off\n" + COPY + BUILD + END, "the value of `GOCACHE` is not known"),
        ("ENV GOMODCACHE=mod\n" + COPY + BUILD + END, "the value of `GOMODCACHE` is not known"),
        ("ARG C\nENV GOCACHE=$C/x\n" + COPY + BUILD + END, "the value of `GOCACHE` is not known"),
        ("ARG GOMODCACHE=/x\n" + COPY + BUILD + END, "the value of `GOMODCACHE` is not known"),
        (COPY + "RUN GOCACHE=/c go build\n" + END, "`GOCACHE` is set for this command only"),
        (COPY + "RUN env GOPATH=/c go build\n" + END, "`GOPATH` is set for this command only"),
        (COPY + "RUN export GOMODCACHE=/c && go build\n" + END, "`GOMODCACHE` is set for this command only"),
        ("RUN go env -w GOMODCACHE=/m\n" + COPY + BUILD + END, "`go env -w` says where go keeps its caches"),
        (COPY + BUILD + "\nFROM scratch\nCOPY --from=build /go/pkg/mod/x /x\n", COPIES),
        (COPY + BUILD + "\nFROM scratch\nCOPY --from=0 /go/pkg/mod/x /x\n", COPIES),
        (COPY + BUILD + "\nFROM scratch\nCOPY --from=build /go /go\n", COPIES),
        (COPY + BUILD + "\nFROM scratch\nCOPY --from=build / /\n", COPIES),
        (COPY + BUILD + "\nFROM scratch\nCOPY --from=build /root/.cache /x\n", COPIES),
        (
            COPY + BUILD + "\nFROM debian:12\nRUN --mount=from=build,source=/go/pkg/mod,target=/m cp -r /m /x\n",
            "a stage mounts files out of a cache",
        ),
        (COPY + "RUN cp -r /go/pkg/mod/x /t\n" + BUILD + END, READS),
        (COPY + "RUN cp -r $GOPATH/pkg/mod/x /t\n" + BUILD + END, READS),
        (COPY + "RUN cp $(go list -m -f '{{.Dir}}' example.com/x)/x /y\n" + BUILD + END, READS),
        (COPY + "RUN ls $(go env GOMODCACHE)\n" + BUILD + END, READS),
        (COPY + "RUN go build && rm -rf $GOPATH/pkg\n" + END, "what `rm` removes may be a mounted cache"),
        (COPY + "RUN go build && rm -rf $(go env GOCACHE)\n" + END, "what `rm` removes may be a mounted cache"),
        (
            COPY + "RUN go build && rm -rf /root/.cache/go-build /tmp/x\n" + END,
            "the command empties a cache together with other things",
        ),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    got = cache(FROM + text)

    assert (got.text, got.reasons) == (FROM + text, (reason,))


@pytest.mark.parametrize("source", ["/go/bin/app", "/src", "/root"])
def test_copies_beside_the_caches(source: str) -> None:
    text = FROM + COPY + BUILD + f"\nFROM scratch\nCOPY --from=build {source} /x\n"

    assert cache(text).text == cached(text).replace("RUN go build", BOTH + "go build")


def test_never_mounts_over_gopath() -> None:
    got = cache(FROM + COPY + "RUN go install example.com/tool@v1\n" + BUILD + END)

    assert "target=/go " not in got.text and "target=/go," not in got.text
    assert got.text.count("target=/go/pkg/mod") == 3
