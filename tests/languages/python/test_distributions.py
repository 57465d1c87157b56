"""What distributions need on a slim image."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dockerslim.languages.python.distributions as distributions
from dockerslim.languages.python.distributions import native_needs, standard_library_packages, survey

TABLE = tomllib.loads(Path(distributions.__file__).with_name("distributions.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "release", "packages"),
    [
        ("psycopg2", "bookworm", ("libpq5",)),
        ("psycopg", "bookworm", ("libpq5",)),
        ("psycopg[c]", "bookworm", ("libpq5",)),
        ("psycopg[pool]", None, ("libpq5",)),
        ("mysqlclient", "bookworm", ("libmariadb3",)),
        ("Flask-MySQLdb", "bookworm", ("libmariadb3",)),
        ("python-ldap", "bookworm", ("libldap-2.5-0", "libsasl2-2")),
        ("python-ldap", "trixie", ("libldap2", "libsasl2-2")),
        ("django_auth_ldap", "trixie", ("libldap2", "libsasl2-2")),
        ("pycurl", "trixie", ("libcurl4t64",)),
        ("python3-saml", "bookworm", ("libxmlsec1", "libxmlsec1-openssl", "libxml2")),
        ("python-magic", "trixie", ("libmagic1t64",)),
        ("opencv-python", "bookworm", ("libgl1", "libglib2.0-0")),
        ("ultralytics", "trixie", ("libgl1", "libglib2.0-0t64")),
        ("pytesseract", "trixie", ("tesseract-ocr",)),
        ("pdf2image", None, ("poppler-utils",)),
        ("lightgbm", None, ("libgomp1",)),
        ("GitPython", "bookworm", ("git",)),
        ("sqlalchemy[postgresql]", "bookworm", ("libpq5",)),
        ("uWSGI", "bookworm", ("libxml2",)),
        ("socketify", "trixie", ("libuv1t64",)),
        ("bjoern", "bookworm", ("libev4",)),
        ("mlflow", None, ("git",)),
        ("scrapli-replay", None, ("openssh-client",)),
        ("tensor2tensor", "bookworm", ("bzip2", "libgl1", "libglib2.0-0")),
        ("django-ldapdb", "trixie", ("libldap2", "libsasl2-2")),
    ],
)
def test_libraries(name: str, release: str | None, packages: tuple[str, ...]) -> None:
    plain, _, extras = name.partition("[")
    needs = native_needs(plain, extras.rstrip("]").split(","), release)

    assert (needs.kind, needs.packages) == ("libraries", packages)


@pytest.mark.parametrize("name", ["flask", "django", "gunicorn", "requests", "types-requests", "google-cloud-storage"])
def test_pure(name: str) -> None:
    needs = native_needs(name, (), "bookworm")

    assert (needs.kind, needs.packages) == ("pure", ())


@pytest.mark.parametrize("name", ["numpy", "lxml", "pillow", "cryptography", "psycopg2-binary", "uvloop", "asyncpg"])
def test_self_contained(name: str) -> None:
    needs = native_needs(name, (), "bookworm")

    assert (needs.kind, needs.packages) == ("self-contained", ())


def test_an_extra_can_make_a_library_needless() -> None:
    assert native_needs("psycopg", ("binary",), "bookworm").packages == ()
    assert native_needs("pyvips", ("binary",), "bookworm").packages == ()


def test_refused_and_unknown() -> None:
    assert native_needs("playwright", (), "bookworm").kind == "refuse"
    assert native_needs("playwright", (), "bookworm").reason
    assert native_needs("pytest-playwright", (), "bookworm").kind == "refuse"
    assert native_needs("llama-index-readers-web", (), "bookworm").kind == "refuse"
    assert native_needs("an-unheard-of-thing", (), "bookworm").kind == "unknown"


def test_a_release_whose_names_are_not_known() -> None:
    assert native_needs("pyzbar", (), "forky").packages is None
    assert survey(["pyzbar"], "forky").unknown == ("pyzbar",)


@pytest.mark.parametrize(
    ("name", "compiles"),
    [("psycopg2", True), ("mysqlclient", True), ("hnswlib", True), ("annoy", True), ("lxml", False)],
)
def test_what_is_compiled_at_install(name: str, compiles: bool) -> None:
    assert native_needs(name, (), "bookworm").build_needs_compiler is compiles


def test_survey() -> None:
    found = survey(["flask", "psycopg2", "Pillow", "mystery", "playwright", "mysqlclient"], "bookworm")

    assert found.packages == ("libmariadb3", "libpq5")
    assert found.unknown == ("mystery",)
    assert [name for name, _ in found.refused] == ["playwright"]
    assert not found.is_complete


@pytest.mark.parametrize("names", [["psycopg", "psycopg-binary"], ["psycopg", "psycopg[binary]"], ["psycopg[binary]"]])
def test_survey_sees_that_the_binary_is_there(names: list[str]) -> None:
    assert survey(names, "bookworm") == survey([], "bookworm")


def test_tkinter_is_left_out_of_slim() -> None:
    assert standard_library_packages(["os", "tkinter"], "bookworm") == ("libtk8.6",)
    assert standard_library_packages(["os", "json"], None) == ()


def test_the_table_names_each_distribution_once() -> None:
    tables = [TABLE["pure"], TABLE["self_contained"], list(TABLE["libraries"]), list(TABLE["refused"])]
    names = [name for table in tables for name in table]

    assert len(names) == len(set(names))
    assert len(names) > 1_500
    assert all(name == name.lower() and "_" not in name and "." not in name for name in names)


def test_what_the_table_refers_to_is_in_it() -> None:
    known = {*TABLE["libraries"], *TABLE["self_contained"]}
    for name, entry in TABLE["libraries"].items():
        extras = [each for names in entry.get("extras", {}).values() for each in names]
        unknown = {*entry.get("requires", ()), *extras, *entry.get("unless", ())} - known
        assert not unknown, name


def test_each_library_is_known_for_some_release() -> None:
    for name in TABLE["libraries"]:
        found = [native_needs(name, (), release).packages for release in ("bullseye", "bookworm", "trixie")]
        assert any(packages is not None for packages in found), name


@given(st.text(), st.lists(st.text(), max_size=3), st.none() | st.text())
def test_never_raises(name: str, extras: list[str], release: str | None) -> None:
    native_needs(name, extras, release)
    survey([name, *extras], release)
