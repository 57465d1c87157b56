"""Detection, manifests and main packages."""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.go import GoProject, detect

MAIN = "package main\n\nfunc main() {}\n"
REQUIRE = "module a\ngo 1.22\nrequire b.com/c v1.0.0\n"
PLAIN = "module a\ngo 1.22\n"


def project(files: dict[str, str], folder: str = "", workspace: bool = True) -> GoProject:
    found = detect(BuildContext.in_memory(files), folder, workspace=workspace)
    assert found is not None
    return found


def test_nothing_to_find() -> None:
    assert detect(BuildContext.in_memory({})) is None
    assert detect(BuildContext.in_memory({"README.md": "", "svc/go.mod": PLAIN, "svc/main.go": MAIN})) is None
    assert detect(BuildContext.in_memory({"svc/go.mod": PLAIN}), "svc") is not None


def test_go_files_without_a_module() -> None:
    found = project({"main.go": MAIN})

    assert found.module is None
    assert found.main_packages == ("",)
    assert found.manifest_files is None
    assert found.manifest_reason == "there is no go.mod"


MANIFESTS: list[tuple[dict[str, str], str, tuple[str, ...]]] = [
    ({"go.mod": REQUIRE, "go.sum": ""}, "", ("go.mod", "go.sum")),
    ({"go.mod": PLAIN}, "", ("go.mod",)),
    ({"svc/go.mod": REQUIRE, "svc/go.sum": ""}, "svc", ("svc/go.mod", "svc/go.sum")),
    (
        {"go.mod": PLAIN + "replace b => ./b\n", "b/go.mod": PLAIN, "b/go.sum": "", "b/b.go": ""},
        "",
        ("go.mod", "b/go.mod", "b/go.sum"),
    ),
    # All that is required is local: no checksum is needed.
    ({"go.mod": REQUIRE + "replace b.com/c => ./b\n", "b/go.mod": PLAIN}, "", ("go.mod", "b/go.mod")),
    ({"svc/go.mod": PLAIN + "replace b => ../b\n", "b/go.mod": PLAIN}, "svc", ("svc/go.mod", "b/go.mod")),
    (
        {
            "api/go.mod": REQUIRE,
            "api/go.sum": "",
            "lib/go.mod": PLAIN,
            "go.work": "use (\n./api\n./lib\n)",
            "go.work.sum": "",
        },
        "api",
        ("api/go.mod", "api/go.sum", "lib/go.mod", "go.work", "go.work.sum"),
    ),
    (
        {"go.work": "go 1.22\nuse ./api\n", "api/go.mod": PLAIN},
        "",
        ("api/go.mod", "go.work"),
    ),
    ({"go.mod": "module a\ngo 1.13\n", "vendor/modules.txt": ""}, "", ("go.mod",)),
]


@pytest.mark.parametrize(("files", "folder", "expected"), MANIFESTS)
def test_manifests(files: dict[str, str], folder: str, expected: tuple[str, ...]) -> None:
    found = project(files, folder)

    assert found.manifest_reason == ""
    assert found.manifest_files == expected


REFUSALS: list[tuple[dict[str, str], str]] = [
    ({"go.mod": REQUIRE}, "`go.sum` is missing"),
    ({"go.mod": PLAIN + "replace b => ../b\n"}, "outside the build context"),
    ({"go.mod": PLAIN + "replace b => /b\n"}, "outside the build context"),
    ({"go.mod": PLAIN + "replace b => ./b\n"}, "which has no go.mod"),
    ({"go.mod": REQUIRE, "go.sum": "", "vendor/modules.txt": ""}, "vendored"),
    ({"go.mod": PLAIN + "require (\nbroken\n)\n"}, "can't be read"),
    ({"go.mod": ""}, "can't be read"),
    ({"go.work": "use ./b\n", "go.mod": PLAIN, "b/go.mod": PLAIN}, "does not use the module"),
    ({"go.work": "use (\n.\n./b\n)\n", "go.mod": PLAIN}, "has no go.mod in the build context"),
    ({"go.work": "use (\n.\n../b\n)\n", "go.mod": PLAIN}, "outside the build context"),
]


@pytest.mark.parametrize(("files", "reason"), REFUSALS)
def test_refused_manifests(files: dict[str, str], reason: str) -> None:
    found = project(files)

    assert found.manifest_files is None
    assert reason in found.manifest_reason


def test_a_workspace_that_does_not_count() -> None:
    assert project({"go.work": "use ./b\n", "go.mod": PLAIN}, workspace=False).manifest_files == ("go.mod",)


def test_a_hidden_checksum_file_is_named() -> None:
    context = BuildContext(None, ("go.mod",), lambda path, limit: REQUIRE.encode(), hidden=("go.sum",))
    found = detect(context)

    assert found is not None
    assert "hidden" in found.manifest_reason


def test_vendored() -> None:
    assert project({"go.mod": PLAIN, "vendor/modules.txt": ""}).vendored
    assert not project({"go.mod": "module a\ngo 1.13\n", "vendor/modules.txt": ""}).vendored
    assert not project({"go.mod": PLAIN}).vendored
    assert not project({"go.mod": PLAIN, "go.work": "go 1.20\nuse .\n", "vendor/modules.txt": ""}).vendored
    assert project({"go.mod": PLAIN, "go.work": "go 1.22\nuse .\n", "vendor/modules.txt": ""}).vendored


def test_main_packages() -> None:
    found = project(
        {
            "go.mod": PLAIN,
            "main.go": MAIN,
            "cmd/server/main.go": MAIN,
            "cmd/worker/x.go": "package main\n",
            "cmd/worker/y.go": MAIN,
            "cmd/nothing/x.go": "package main\n",
            "tools/gen.go": "//go:build ignore\n\n" + MAIN,
            "lib/lib.go": "package lib\n",
            "lib/gen.go": "//go:build ignore\n\n" + MAIN,
            "x/x_test.go": MAIN,
            "testdata/main.go": MAIN,
            "vendor/v/main.go": MAIN,
            "_old/main.go": MAIN,
            "nested/go.mod": PLAIN,
            "nested/main.go": MAIN,
        }
    )

    assert found.main_packages == ("", "cmd/server", "cmd/worker")


def test_main_packages_are_relative_to_the_module() -> None:
    assert project({"svc/go.mod": PLAIN, "svc/cmd/x/main.go": MAIN, "main.go": MAIN}, "svc").main_packages == ("cmd/x",)
    assert project({"svc/go.mod": PLAIN, "svc/main.go": MAIN, "svc-b/main.go": MAIN}, "svc").main_packages == ("",)


def test_main_packages_of_a_workspace() -> None:
    files = {
        "go.work": "use (\n./a\n./b\n)\n",
        "a/go.mod": "module a\n",
        "a/main.go": MAIN,
        "b/go.mod": "module b\n",
        "b/b.go": "package b\n",
    }

    assert project(files).main_packages == ("a",)


def test_a_program_reads_other_members_and_replaced_modules() -> None:
    files = {
        "go.mod": "module a.com/a\nrequire b.com/b v0.0.0\nreplace b.com/b => ./b\n",
        "main.go": 'package main\nimport "b.com/b/sub"\nfunc main() { sub.F() }\n',
        "b/go.mod": "module b.com/b\n",
        "b/sub/sub.go": 'package sub\nimport "os"\nfunc F() { os.Open("b.txt") }\n',
    }

    assert [use.path for use in project(files).program("").reads] == ["b.txt"]


def test_private_modules_show() -> None:
    files = {"go.mod": PLAIN, ".netrc": "secret", "Makefile": "build:\n\tGOPRIVATE=git.corp/* TOKEN=abc go build\n"}

    assert [str(place) for place in project(files).private] == [".netrc", "Makefile:2"]
    assert all("abc" not in place.text for place in project(files).private)
    assert project({"go.mod": PLAIN, "Makefile": "build:\n\tgo build\n"}).private == ()
