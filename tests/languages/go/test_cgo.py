"""Does a module need cgo?"""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.go import Cgo, detect
from dockerslim.languages.go.cgo import cgo_modules

MAIN = "package main\nfunc main() {}\n"
SQLITE = "github.com/mattn/go-sqlite3 v1.14.22"


def cgo(requires: str = "", **files: str) -> Cgo:
    lines = "".join(f"require {line}\n" for line in requires.split("; ") if line)
    texts = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    project = detect(BuildContext.in_memory({"go.mod": f"module a\ngo 1.22\n{lines}", "main.go": MAIN, **texts}))
    assert project is not None
    return project.cgo


NEEDED = [
    SQLITE,
    "gorm.io/gorm v1.25.0; gorm.io/driver/sqlite v1.5.0; " + SQLITE + " // indirect",
    # A go.mod from before 1.17 doesn't name what the driver needs.
    "gorm.io/driver/sqlite v1.5.0",
    "github.com/confluentinc/confluent-kafka-go/v2 v2.3.0",
    "github.com/davidbyttow/govips/v2 v2.15.0",
    "github.com/marcboeker/go-duckdb v1.0.0 // indirect",
]


@pytest.mark.parametrize("requires", NEEDED)
def test_needed(requires: str) -> None:
    assert cgo(requires).needed


NOT_NEEDED = [
    "",
    "github.com/gin-gonic/gin v1.9.0",
    "modernc.org/sqlite v1.29.0",
    "github.com/glebarez/sqlite v1.10.0",
    # Their own tests need it, so that it is named for nothing.
    "gorm.io/gorm v1.25.0; " + SQLITE + " // indirect",
    "github.com/jmoiron/sqlx v1.3.5; " + SQLITE + " // indirect",
    "github.com/mattn/go-sqlite3-extra v1.0.0",
    # Only its pcap folder needs cgo.
    "github.com/google/gopacket v1.1.19",
]


@pytest.mark.parametrize("requires", NOT_NEEDED)
def test_not_needed(requires: str) -> None:
    found = cgo(requires)

    assert not found.needed
    assert not found.unknown


@pytest.mark.parametrize(
    "requires",
    [
        "example.com/store v1.0.0; " + SQLITE + " // indirect",
        "example.com/store v1.0.0; gorm.io/gorm v1.25.0; gorm.io/driver/sqlite v1.5.0 // indirect; "
        + SQLITE
        + " // indirect",
    ],
)
def test_unknown_where_nothing_explains_it(requires: str) -> None:
    found = cgo(requires)

    assert not found.needed
    assert found.unknown
    assert found.evidence


def test_an_import_decides() -> None:
    requires = "gorm.io/gorm v1.25.0; " + SQLITE + " // indirect"

    assert cgo(requires, db='package main\nimport _ "github.com/mattn/go-sqlite3"\n').needed is False  # no .go name
    assert cgo(requires, db_dot_go='package main\nimport _ "github.com/mattn/go-sqlite3"\n').needed
    assert not cgo(requires, db_test_dot_go='package main\nimport _ "github.com/mattn/go-sqlite3"\n').needed
    assert cgo("", pcap_dot_go='package main\nimport "github.com/google/gopacket/pcap"\n').needed


def test_own_c_code() -> None:
    found = cgo("", c_dot_go='package main\n// int x;\nimport "C"\n')

    assert found.needed and found.own
    assert not found.needs_only_libc
    assert found.debian_packages("bookworm") is None
    assert str(found.evidence[0]) == "c.go:3"


def test_ignored_files_do_not_count() -> None:
    assert not cgo("", c_dot_go='//go:build ignore\n\npackage main\nimport "C"\n').needed
    assert not cgo("", testdata__c_dot_go='package main\nimport "C"\n').needed


def test_vendor_says_what_is_built() -> None:
    listed = f"# {SQLITE}\n## explicit\ngithub.com/mattn/go-sqlite3\n"

    assert cgo(SQLITE + " // indirect", vendor__modules_dot_txt=listed).needed
    assert not cgo(SQLITE, vendor__modules_dot_txt=f"# {SQLITE}\n## explicit\n").needed


def test_unknown_without_source_or_module() -> None:
    only_module = detect(BuildContext.in_memory({"go.mod": "module a\n"}))
    no_module = detect(BuildContext.in_memory({"main.go": MAIN}))

    assert only_module is not None and only_module.cgo.unknown
    assert no_module is not None and no_module.cgo.unknown


def test_what_runs_needs() -> None:
    assert cgo(SQLITE).needs_only_libc
    assert cgo(SQLITE).debian_packages("trixie") == ()
    assert cgo("github.com/pebbe/zmq4 v1.2.0").debian_packages("bookworm") == ("libzmq5",)
    assert cgo("github.com/pebbe/zmq4 v1.2.0").needs_cxx
    assert cgo("gocv.io/x/gocv v0.35.0").debian_packages("bookworm") is None
    assert cgo("github.com/davidbyttow/govips/v2 v2.15.0").alpine_packages() == ("vips",)
    assert cgo("github.com/davidbyttow/govips/v2 v2.15.0").debian_packages("buster") is None


def test_the_table_is_sane() -> None:
    names = [module.path for module in cgo_modules()]

    assert len(names) == len(set(names)) > 30


def test_every_row_says_where_it_is_seen() -> None:
    assert [module.path for module in cgo_modules() if not module.source.startswith("https://")] == []


def test_code_of_ones_own_in_cxx() -> None:
    own = 'package main\n\nimport "C"\n\nfunc main() {}\n'

    assert cgo(main_dot_go=own).needed
    assert not cgo(main_dot_go=own).needs_cxx
    assert cgo(main_dot_go=own, fast_dot_cpp="").needs_cxx
    assert not cgo(fast_dot_cpp="").needs_cxx
