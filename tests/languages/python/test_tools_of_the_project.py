"""Alembic and Locust, which run files of the project."""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.command import Command
from dockerslim.languages.python.commands import resolve_command

INI = "[alembic]\nscript_location = {}\nprepend_sys_path = .\nsqlalchemy.url = {}\n[loggers]\nkeys = root\n"
SERVER = "postgresql://user:pass@localhost/db%%20name"
MIGRATIONS = {"migrations/env.py": "", "migrations/versions/a1.py": "", "migrations/README": ""}
FOUND = ("migrations/env.py", "migrations/versions/a1.py")


def resolve(line: str, files: dict[str, str], **environment: str) -> Command:
    return resolve_command(BuildContext.in_memory(files), "", line.split(), environment, workdir="/srv")


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("alembic upgrade head", {"alembic.ini": INI.format("migrations", SERVER)}),
        ("alembic upgrade head", {"alembic.ini": INI.format("%(here)s/migrations", SERVER)}),
        ("alembic -c etc/db.ini upgrade head", {"etc/db.ini": INI.format("./migrations", SERVER)}),
        ("alembic --raiseerr -x a=b current -v", {"alembic.ini": INI.format("migrations", SERVER)}),
        ("poetry run alembic upgrade head", {"alembic.ini": INI.format("migrations", SERVER)}),
        ("python -m alembic upgrade head", {"alembic.ini": INI.format("migrations", "")}),
    ],
)
def test_alembic_runs_the_migrations(line: str, files: dict[str, str]) -> None:
    found = resolve(line, {**MIGRATIONS, **files})

    assert (found.kind, found.reason, found.entry_files) == ("script", "", FOUND)
    assert (found.writes, found.unknown_writes) == ((), ())


def test_alembic_beside_its_settings() -> None:
    files = {"db/alembic.ini": INI.format("%(here)s/versioned", SERVER), "db/versioned/env.py": ""}

    assert resolve("alembic -c db/alembic.ini upgrade head", files).entry_files == ("db/versioned/env.py",)


@pytest.mark.parametrize(
    ("address", "writes", "is_unknown"),
    [
        ("sqlite:///data/app.db", ("data/app.db",), False),
        ("sqlite:////var/lib/app.db", ("/var/lib/app.db",), False),
        ("sqlite+aiosqlite:///./app.db", ("./app.db",), False),
        ("sqlite://", (), False),
        ("sqlite:///%(here)s/app.db", (), True),
        ("driver://user:pass@localhost/dbname", (), False),
    ],
)
def test_alembic_writes_the_database_of_its_settings(address: str, writes: tuple[str, ...], is_unknown: bool) -> None:
    found = resolve("alembic upgrade head", {**MIGRATIONS, "alembic.ini": INI.format("migrations", address)})

    assert found.writes == writes
    assert bool(found.unknown_writes) == is_unknown


@pytest.mark.parametrize(
    ("line", "location", "writes"),
    [
        ("alembic revision --autogenerate -m 'first'", "migrations", ("migrations/versions",)),
        ("alembic merge heads", "%(here)s/migrations", ("migrations/versions",)),
        ("alembic init db", "migrations", ("db", "alembic.ini")),
        ("alembic init -t async db", "migrations", ("db", "alembic.ini")),
        ("alembic stamp head", "migrations", ()),
    ],
)
def test_alembic_writes_migrations(line: str, location: str, writes: tuple[str, ...]) -> None:
    found = resolve(line, {**MIGRATIONS, "alembic.ini": INI.format(location, "")})

    assert (found.kind, found.writes, found.unknown_writes) == ("script", writes, ())


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("flask db init", ("migrations",)),
        ("flask --app run db migrate -m first", ("migrations",)),
        ("flask db revision -d db/versions", ("db/versions",)),
        ("flask db upgrade", ()),
        ("flask seed init", ()),
        ("python manage.py startapp shop", ("shop",)),
        ("django-admin startproject site .", (".",)),
        ("django-admin startproject site", ("site",)),
        ("python manage.py makemigrations --noinput", ("shop/migrations",)),
        ("python manage.py makemigrations news", ("shop/migrations", "news/migrations")),
        ("python manage.py makemigrations other", ("shop/migrations",)),
        ("python manage.py migrate", ()),
    ],
)
def test_frameworks_write_among_the_source(line: str, writes: tuple[str, ...]) -> None:
    files = {"manage.py": "", "shop/migrations/__init__.py": "", "shop/apps.py": "", "news/apps.py": ""}

    assert resolve(line, files).writes == writes


@pytest.mark.parametrize(
    ("line", "files", "reason"),
    [
        ("alembic revision --autogenerate", {}, "the settings of Alembic are not found"),
        ("alembic edit head", {"alembic.ini": INI.format("migrations", "")}, "may write migrations"),
        ("alembic init", {}, "may write migrations"),
        ("alembic", {"alembic.ini": INI.format("migrations", "")}, "may write migrations"),
        ("alembic upgrade head", {}, "the settings of Alembic are not found"),
        ("alembic upgrade head", {"alembic.ini": "key = value\n"}, "the settings of Alembic are not found"),
        ("alembic upgrade head", {"alembic.ini": "[alembic]\n"}, "the settings of Alembic are not found"),
        ("alembic upgrade head", {"alembic.ini": INI.format("%(where)s/x", "")}, "`alembic.ini` are not found"),
        ("alembic upgrade head", {"alembic.ini": INI.format("../x", "")}, "`alembic.ini` are not found"),
        ("alembic upgrade head", {"alembic.ini": INI.format("elsewhere", "")}, "`alembic.ini` are not found"),
        (
            "alembic upgrade head",
            {"alembic.ini": "[alembic]\nscript_location = migrations\nversion_locations = a b\n"},
            "`alembic.ini` are not found",
        ),
    ],
)
def test_what_alembic_does_is_not_known(line: str, files: dict[str, str], reason: str) -> None:
    found = resolve(line, {**MIGRATIONS, **files})

    assert found.kind == "unknown"
    assert reason in found.reason


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("locust", ()),
        ("locust --headless -u 10 -r 2 --host http://web", ()),
        ("locust -f load/users.py --html report.html", ("report.html",)),
        ("locust --csv=out/run --logfile /var/log/l.log", ("/var/log/l.log", "out/")),
        ("locust --csv run", ("./",)),
    ],
)
def test_locust_runs_a_file(line: str, writes: tuple[str, ...]) -> None:
    found = resolve(line, {"locustfile.py": "", "load/users.py": "", "pyproject.toml": "[project]\n"})

    assert (found.kind, found.reason, found.writes) == ("server", "", writes)
    assert found.entry_files == (("load/users.py",) if "load/" in line else ("locustfile.py",))


@pytest.mark.parametrize(
    ("line", "files", "environment"),
    [
        ("locust -f missing.py", {}, {}),
        ("locust", {"locust.conf": "locustfile = a.py\n"}, {}),
        ("locust", {"pyproject.toml": "[tool.locust]\ncsv = 'x'\n"}, {}),
        ("locust --config x.conf", {}, {}),
        ("locust", {}, {"LOCUST_CSV": "run"}),
    ],
)
def test_what_locust_does_is_not_known(line: str, files: dict[str, str], environment: dict[str, str]) -> None:
    assert resolve(line, {"locustfile.py": "", **files}, **environment).kind == "unknown"
