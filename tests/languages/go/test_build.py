"""Which files a build writes, by table and by a real Go."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.go import BuildOutput, Output, build_flags, build_outputs, detect

MAIN = "package main\n\nfunc main() {}\n"
FILES = {
    "go.mod": "module example.com/acme/tool/v2\n\ngo 1.20\n",
    "main.go": MAIN,
    "cmd/server/main.go": MAIN,
    "cmd/worker/b.go": MAIN,
    "cmd/worker/a.go": "package main\n",
    "cmd/worker/a_test.go": "package main\n",
    "lib/lib.go": "package lib\n",
    "lib/gen.go": "//go:build ignore\n\n" + MAIN,
    "tagged/main.go": "//go:build special\n\n" + MAIN,
    "bin/README.md": "",
    "worker/README.md": "",
    "api/v3/main.go": MAIN,
}
ENV = {"GOPATH": "/go", "HOME": "/root"}
ALL = [("api", "api/v3"), ("server", "cmd/server"), ("tool", ""), ("worker", "cmd/worker")]

# (command, working folder, what is written: path and package, or a part of the problem)
BUILDS: list[tuple[str, str, list[tuple[str, str]] | str]] = [
    ("go build", "", [("tool", "")]),
    ("go build .", "", [("tool", "")]),
    ("go build -v -x=false -ldflags '-s -w' -tags a,b -p 2 .", "", [("tool", "")]),
    ("go build main.go", "", [("main", "")]),
    ("go build cmd/server/main.go", "", [("main", "cmd/server")]),
    ("go build b.go a.go", "cmd/worker", [("b", "cmd/worker")]),
    ("go build a.go b.go", "cmd/worker", [("a", "cmd/worker")]),
    ("go build main.go ./cmd/server/main.go", "", "not all in one folder"),
    ("go build main.go -o x", "", "is no .go file"),
    ("go build ./cmd/server", "", [("server", "cmd/server")]),
    ("go build ./cmd/server/", "", [("server", "cmd/server")]),
    ("go build ../..", "cmd/server", [("tool", "")]),
    ("go build", "cmd/server", [("server", "cmd/server")]),
    ("go build ./api/v3", "", "name of a folder"),
    ("go build -o x ./api/v3", "", [("x", "api/v3")]),
    ("go build ./cmd/worker", "", "name of a folder"),
    ("go build example.com/acme/tool/v2/cmd/server", "", [("server", "cmd/server")]),
    ("go build example.com/acme/tool/v2", "", [("tool", "")]),
    ("go build example.com/acme/tool/v2/cmd/server/...", "", [("server", "cmd/server")]),
    ("go build cmd/server", "", "is no package of the module"),
    ("go build ./none", "", "has no Go files"),
    ("go build ./tagged", "", "has no Go files"),
    ("go build -tags special ./tagged", "", "name of a folder"),
    ("go build -tags special -o x ./tagged", "", [("x", "tagged")]),
    ("go build", "cmd", "has no Go files"),
    ("go build ../../..", "", "outside the build context"),
    ("go build ./lib", "", []),
    ("go build ./...", "", []),
    ("go build ./cmd/...", "", []),
    ("go build ./...", "cmd/server", [("server", "cmd/server")]),
    ("go build ./cmd/server ./cmd/worker", "", []),
    ("go build -o app ./cmd/server", "", [("app", "cmd/server")]),
    ("go build -o=app ./cmd/server", "", [("app", "cmd/server")]),
    ("go build --o app ./cmd/server", "", [("app", "cmd/server")]),
    ("go build -o ./app ./cmd/server", "", [("app", "cmd/server")]),
    ("go build -o new/app ./cmd/server", "", [("new/app", "cmd/server")]),
    ("go build -o 'a b' ./cmd/server", "", [("a b", "cmd/server")]),
    ("go build -o ../../app", "cmd/server", [("../../app", "cmd/server")]),
    ("go build -o app ./cmd/server/...", "", [("app", "cmd/server")]),
    ("go build -o app ./...", "", "several packages"),
    ("go build -o out/ ./...", "", [(f"out/{name}", folder) for name, folder in ALL]),
    ("go build -o bin ./cmd/...", "", [("bin/server", "cmd/server"), ("bin/worker", "cmd/worker")]),
    ("go build -o ./ ./cmd/server", "", [("server", "cmd/server")]),
    ("go build -o bin ./lib", "", "no main package"),
    ("go build -o lib.a ./lib", "", "isn't main"),
    ("go build -o /dev/null ./...", "", []),
    ("go build -n ./cmd/server", "", []),
    ("go build -C cmd/server", "", [("cmd/server/server", "cmd/server")]),
    ("go build -C cmd/server -o ../../app", "", [("app", "cmd/server")]),
    ("go build -- ./cmd/server", "", [("server", "cmd/server")]),
    ("go build -o", "", "lacks its value"),
    ("go build -nonsense .", "", "no flag that is known"),
    ("go build -buildmode=pie ./cmd/server", "", [("server", "cmd/server")]),
    ("go build x.com/y@v1", "", "takes no version"),
    ("go install -o x .", "", "has no flag `-o`"),
]


def outputs(
    command: str, cwd: str = "", env: Mapping[str, str] = ENV, root: str | None = None, folders: tuple[str, ...] = ()
) -> BuildOutput:
    project = detect(BuildContext.in_memory(FILES))
    assert project is not None
    found = build_outputs(shlex.split(command), cwd, project, env, root=root, folders=folders)
    assert found is not None
    return found


def check(found: BuildOutput, expected: list[tuple[str, str]] | str) -> None:
    if isinstance(expected, str):
        assert found.problem is not None and expected in found.problem
        assert found.outputs == ()
    else:
        assert found.problem is None
        assert sorted((output.path, output.package) for output in found.outputs) == sorted(expected)


@pytest.mark.parametrize(("command", "cwd", "expected"), BUILDS)
def test_table(command: str, cwd: str, expected: list[tuple[str, str]] | str) -> None:
    check(outputs(command, cwd), expected)


@pytest.fixture(scope="session")
def go() -> str:
    found = shutil.which("go")
    if found is None:
        pytest.skip("there is no go on PATH")
    return found


@pytest.mark.parametrize(("command", "cwd", "expected"), BUILDS)
def test_table_against_go(
    command: str, cwd: str, expected: list[tuple[str, str]] | str, go: str, tmp_path: Path, cache: Path
) -> None:
    module = tmp_path / "outer" / "module"
    for name, text in FILES.items():
        (module / name).parent.mkdir(parents=True, exist_ok=True)
        (module / name).write_text(text)
    before = set(module.rglob("*"))
    ran = run_go(go, shlex.split(command), module / cwd, cache, tmp_path / "gopath", {})
    written = sorted(path for path in module.rglob("*") if path not in before and path.is_file())

    if isinstance(expected, str):
        # A library is written, and more may be possible than the table can tell.
        assert ran.returncode != 0 or "isn't main" in expected or "takes no version" in expected
    else:
        assert ran.returncode == 0, ran.stderr
        assert written == sorted((module / cwd / path).resolve() for path, _ in expected)


INSTALLS: list[tuple[str, dict[str, str], list[str] | str]] = [
    ("go install", {}, ["/go/bin/tool"]),
    ("go install ./...", {}, ["/go/bin/tool", "/go/bin/api", "/go/bin/server", "/go/bin/worker"]),
    ("go install ./cmd/server ./lib", {}, ["/go/bin/server"]),
    ("go install ./lib", {}, []),
    ("go install cmd/server/main.go", {}, ["/go/bin/main"]),
    ("go install ./cmd/server", {"GOBIN": "/out"}, ["/out/server"]),
    ("go install ./cmd/server", {"GOBIN": "out"}, "GOBIN is not absolute"),
    ("go install ./cmd/server", {"GOARCH": "arm64"}, ["/go/bin/linux_arm64/server"]),
    ("go install ./cmd/server", {"GOOS": "windows"}, ["/go/bin/windows_amd64/server.exe"]),
    ("go install ./cmd/server", {"GOARCH": "amd64", "GOOS": "linux"}, ["/go/bin/server"]),
    ("go install ./cmd/server", {"GOARCH": "arm64", "GOHOSTARCH": "arm64"}, ["/go/bin/server"]),
    ("go install ./cmd/server", {"GOARCH": "arm64", "GOBIN": "/out"}, "can't be installed while GOBIN is set"),
    ("go install ./cmd/server", {"GOARCH": "$TARGETARCH"}, "is a variable"),
    ("go install ./cmd/server", {"GOPATH": "/a:/b"}, ["/a/bin/server"]),
    ("go install ./cmd/server", {"GOPATH": ""}, ["/root/go/bin/server"]),
    ("go install ./cmd/server", {"GOPATH": "", "HOME": ""}, "is not known"),
]


@pytest.mark.parametrize(("command", "env", "expected"), INSTALLS)
def test_install(command: str, env: dict[str, str], expected: list[str] | str) -> None:
    found = outputs(command, env=ENV | env)

    if isinstance(expected, str):
        assert found.problem is not None and expected in found.problem
    else:
        assert [output.path for output in found.outputs] == expected


def test_install_against_go(go: str, tmp_path: Path, cache: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    gopath = tmp_path / "gopath"
    host = subprocess.run([go, "env", "GOHOSTARCH"], capture_output=True, text=True, check=True).stdout.strip()
    for command, env, expected in INSTALLS:
        # The table's home and processor are an image's, not this machine's.
        if isinstance(expected, str) or env.keys() & {"GOPATH", "HOME", "GOHOSTARCH"} or (env and host != "amd64"):
            continue
        shutil.rmtree(gopath, ignore_errors=True)
        moved = {name: value.replace("/out", str(gopath / "out")) for name, value in env.items()}
        ran = run_go(go, shlex.split(command), tmp_path, cache, gopath, moved)
        assert ran.returncode == 0, ran.stderr
        written = sorted("/" + path.relative_to(gopath).as_posix() for path in gopath.rglob("*") if path.is_file())
        assert written == sorted(path.removeprefix("/go") for path in expected), command


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standard library is compiled once for all commands."""
    return tmp_path_factory.mktemp("gocache")


def run_go(
    go: str, words: list[str], folder: Path, cache: Path, gopath: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    settings = {
        "PATH": os.environ["PATH"], "HOME": str(cache), "GOPATH": str(gopath), "GOCACHE": str(cache), "GOENV": "off",
        "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOWORK": "off", "CGO_ENABLED": "0",
    }  # fmt: skip
    return subprocess.run(
        [go, *words[1:]], cwd=folder, env={**settings, **env}, capture_output=True, text=True, timeout=300
    )


def test_a_tool_of_others() -> None:
    found = outputs("go install github.com/pressly/goose/v3/cmd/goose@latest")
    assert found.outputs == (Output("/go/bin/goose", None),)

    assert outputs("go install -tags x github.com/a/tool/v2@v2.1.0").outputs == (Output("/go/bin/tool", None),)
    assert outputs("go install github.com/a/tool").outputs == (Output("/go/bin/tool", None),)
    assert outputs("go install github.com/a/...@latest").problem is not None


def test_absolute_paths() -> None:
    assert outputs("go build -o /usr/local/bin/app .").outputs == (Output("/usr/local/bin/app", ""),)
    assert outputs("go build -o /usr/local/bin ./cmd/server").outputs == (
        Output("/usr/local/bin/server", "cmd/server"),
    )
    assert outputs("go build -o /src/bin ./cmd/server", root="/src").outputs == (
        Output("/src/bin/server", "cmd/server"),
    )
    assert outputs("go build -o /src/bin ./cmd/server").outputs == (Output("/src/bin", "cmd/server"),)
    assert outputs("go build /src/cmd/server", root="/src").outputs == (Output("server", "cmd/server"),)
    assert outputs("go build /src/cmd/server").problem is not None


def test_folders_that_the_image_has() -> None:
    assert outputs("go build -o dist ./cmd/server", folders=("dist",)).outputs == (Output("dist/server", "cmd/server"),)
    assert outputs("go build -o /opt/x ./cmd/server", folders=("/opt/x/",)).outputs == (
        Output("/opt/x/server", "cmd/server"),
    )


def test_variables_are_a_problem() -> None:
    assert outputs("go build -o '$NAME' .").problem == "an argument is a variable"
    assert outputs("go build -ldflags '-X main.v=$V' -o app .").outputs == (Output("app", ""),)


@pytest.mark.parametrize("command", ["go", "go mod download", "go run .", "make", "golang build", "go vet ./..."])
def test_other_commands(command: str) -> None:
    project = detect(BuildContext.in_memory(FILES))
    assert project is not None
    assert build_outputs(shlex.split(command), "", project, ENV) is None


def test_windows_suffix() -> None:
    assert outputs("go build ./cmd/server", env=ENV | {"GOOS": "windows"}).outputs == (
        Output("server.exe", "cmd/server"),
    )


def test_flags() -> None:
    flags = build_flags(
        shlex.split("go build -race -buildmode pie -tags 'a b' -ldflags='-s -w' -trimpath -buildvcs=false ."), {}
    )

    assert (flags.race, flags.buildmode, flags.tags, flags.ldflags) == (True, "pie", ("a", "b"), "-s -w")
    assert (flags.trimpath, flags.buildvcs, flags.needs_cgo) == (True, "false", True)
    assert build_flags(["go", "build"], {"GOFLAGS": "-mod=vendor -tags=netgo -race"}).tags == ("netgo",)
    assert build_flags(["go", "build", "-race=false"], {"GOFLAGS": "-race"}).race is False
    assert build_flags(["go", "build", "-buildmode=plugin"], {}).needs_cgo
    assert not build_flags(["go", "build"], {}).needs_cgo


WORDS = st.sampled_from(
    [
        "-o",
        "-o=",
        "-C",
        "..",
        ".",
        "./...",
        "...",
        "a.go",
        "*.go",
        "/",
        "",
        "-",
        "--",
        "$x",
        "x@y",
        "all",
        "./cmd",
        "\0",
        "[",
    ]
)


@given(st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=6), st.sampled_from(["", "..", "cmd", "/x", "a/../.."]))
def test_never_raises(words: list[str], cwd: str) -> None:
    project = detect(BuildContext.in_memory(FILES))
    assert project is not None
    for verb in ("build", "install"):
        build_outputs(["go", verb, *words], cwd, project, ENV, root="/src")
