"""Builds that go through make: read from the Makefile, for the split, the caches and the order."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import Rewritten, rewrite

HEAD = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\n"
CMD = 'CMD ["./bin/app"]\n'
MAKEFILE = "BIN = bin/app\n.PHONY: build\nbuild:\n\t@mkdir -p bin\n\tgo build -o $(BIN) .\n"
FILES = {
    "go.mod": "module example.com/app\n\ngo 1.23\n\nrequire a.example/b v1.0.0\n",
    "go.sum": "",
    "main.go": "package main\n\nfunc main() {}\n",
}
MODULES = "--mount=type=cache,target=/go/pkg/mod"
BUILDS = "--mount=type=cache,target=/root/.cache/go-build"


def split(run: str, makefile: str, files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("go/split-stages", f"{HEAD}RUN {run}\n{CMD}", {**FILES, "Makefile": makefile, **(files or {})})


@pytest.mark.parametrize(
    ("run", "makefile", "after"),
    [
        ("make build", MAKEFILE, "CGO_ENABLED=0 make build"),
        ("make", MAKEFILE, "CGO_ENABLED=0 make"),
        ("cd /src && make BIN=bin/app build", MAKEFILE, "cd /src && CGO_ENABLED=0 make BIN=bin/app build"),
        ("make build", "export CGO_ENABLED=0\n" + MAKEFILE, "make build"),
        ("make CGO_ENABLED=0 build", MAKEFILE, "make CGO_ENABLED=0 build"),
        ("make all", "all: build\n" + MAKEFILE, "CGO_ENABLED=0 make all"),
        ("make all", ".PHONY: all\nall:\n\t$(MAKE) build\n" + MAKEFILE, "CGO_ENABLED=0 make all"),
        ("make build", MAKEFILE + "\tgo vet ./...\n", "CGO_ENABLED=0 make build"),
        (
            "make build",
            MAKEFILE.replace("go build", 'go build -ldflags "-X main.v=$(shell git describe)"'),
            "CGO_ENABLED=0 make build",
        ),
    ],
)
def test_the_makefile_says_what_is_built(run: str, makefile: str, after: str) -> None:
    got = split(run, makefile)

    assert got.reasons == ()
    assert got.text == (
        HEAD.replace("golang:1.23", "golang:1.23 AS build")
        + f"RUN {after}\n\nFROM gcr.io/distroless/static-debian13\nWORKDIR /src\n"
        + "COPY --from=build /src/bin/app ./bin/\n"
        + CMD
    )


def test_the_makefile_of_another_folder() -> None:
    files = {"tools/build.mk": "app:\n\tcd .. && go build -o bin/app .\n", "Makefile": "x:\n\t./x.sh\n"}
    text = f"{HEAD}RUN make -C tools -f build.mk app\n{CMD}"

    got = rewrite("go/split-stages", text, {**FILES, **files})

    assert "COPY --from=build /src/bin/app ./bin/\n" in got.text


@pytest.mark.parametrize(
    ("run", "makefile"),
    [
        ("make build", MAKEFILE + "\t./after.sh\n"),
        ("make build", "include x.mk\n" + MAKEFILE),
        ("make other", MAKEFILE),
        ("make -n build", MAKEFILE),
        ("make $TARGET", MAKEFILE),
        ("make build", MAKEFILE + "\tfor i in a b; do ./x $$i; done\n"),
        ("make build", "CGO_ENABLED = 1\n" + MAKEFILE),
    ],
)
def test_what_the_makefile_does_not_say(run: str, makefile: str) -> None:
    got = split(run, makefile)

    assert got.text == f"{HEAD}RUN {run}\n{CMD}"
    assert got.reasons == (f"what `{' '.join(run.split()[:2])}` writes is not known",)


def test_a_race_detector_in_the_same_make_keeps_cgo() -> None:
    got = rewrite(
        "go/split-stages",
        f"{HEAD.replace('1.23', '1.23-bookworm')}RUN make build\n{CMD}",
        {**FILES, "Makefile": MAKEFILE + "\tgo test -race ./...\n"},
    )

    assert "CGO_ENABLED" not in got.text
    assert "FROM gcr.io/distroless/base-debian13\n" in got.text


def test_caches_and_order() -> None:
    text = HEAD.replace("golang:1.23", "golang:1.23 AS build") + f"RUN make build\n\nFROM scratch\n{CMD}"

    ordered = rewrite("go/copy-dependencies-first", text, {**FILES, "Makefile": MAKEFILE})
    mounted = rewrite("go/add-cache-mounts", text, {**FILES, "Makefile": MAKEFILE})

    assert "COPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN make build\n" in ordered.text
    assert f"RUN {MODULES} \\\n    {BUILDS} \\\n    make build\n" in mounted.text


@pytest.mark.parametrize(
    ("makefile", "reason"),
    [
        (MAKEFILE + "\tgo clean -modcache\n", "the Makefile empties a cache"),
        (MAKEFILE + "\trm -rf /root/.cache\n", "the Makefile empties a cache"),
        ("export GOCACHE = /x\n" + MAKEFILE, "`GOCACHE` is set for this command only"),
    ],
)
def test_caches_that_the_makefile_forbids(makefile: str, reason: str) -> None:
    text = HEAD.replace("golang:1.23", "golang:1.23 AS build") + f"RUN make build\n\nFROM scratch\n{CMD}"

    got = rewrite("go/add-cache-mounts", text, {**FILES, "Makefile": makefile})

    assert (got.text, got.reasons) == (text, (reason,))


def test_a_setting_that_the_makefile_makes_comes_too_late_for_the_download() -> None:
    text = f"{HEAD}RUN make build\n{CMD}"

    got = rewrite("go/copy-dependencies-first", text, {**FILES, "Makefile": "export GOPROXY = off\n" + MAKEFILE})

    assert (got.text, got.reasons) == (text, ("`GOPROXY` is set for this command only",))
