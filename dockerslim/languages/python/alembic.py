"""Command lines of Alembic: the environment and the migrations that it runs, and the database file that it writes.

Sources: https://alembic.sqlalchemy.org/en/latest/tutorial.html (the .ini file), alembic/config.py (options).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from configparser import ConfigParser, Error

from dockerslim.languages.python.command import Command, Place, split_options
from dockerslim.languages.python.import_files import join
from dockerslim.languages.python.values import Value, database_path

FLAGS = ("--autogenerate", "--head-only", "--purge", "--raiseerr", "--resolve-dependencies", "--sql", "--verbose", "-v")
OF_DATABASE = frozenset({"branches", "check", "current", "downgrade", "heads", "history", "show", "stamp", "upgrade"})
"""Verbs that change nothing but the database."""
OF_MIGRATIONS = frozenset({"merge", "revision"})
"""Verbs that write a file into the folder of the migrations."""
_HERE = ("%(here)s/", "./")


def alembic_command(place: Place, arguments: Sequence[str]) -> Command:
    """What `alembic upgrade head` and its like run."""
    options, positional = split_options(arguments, FLAGS)
    verb = positional[0] if positional else ""
    if verb == "init" and len(positional) > 1:
        return Command("script", writes=(positional[1], "alembic.ini"))
    if verb not in OF_DATABASE | OF_MIGRATIONS:
        return Command("unknown", reason=f"`alembic {verb}` may write migrations")
    named = next((value for name, value in options if name in ("-c", "--config")), None)
    file = place.file(named or place.environment.get("ALEMBIC_CONFIG") or "alembic.ini")
    settings = _settings(place.context.read_text(file) or "") if file is not None else None
    if file is None or settings is None or "script_location" not in settings:
        return Command("unknown", reason="the settings of Alembic are not found")
    location = settings["script_location"]
    for prefix in _HERE:
        location = location.removeprefix(prefix)
    base = posixpath.dirname(file) if settings["script_location"].startswith("%(here)s") else place.folder
    folder = None if _is_computed(location) else join(base, location.replace(":", "/"))
    environment = join(folder, "env.py") if folder is not None else None
    if environment is None or not place.context.is_file(environment) or settings.get("version_locations"):
        return Command("unknown", reason=f"the migrations of `{file}` are not found")
    versions = (path for path in place.context.under(f"{folder}/versions") if path.endswith(".py"))
    address = database_path(Value(settings.get("sqlalchemy.url", "")))
    unknown = address is not None and _is_computed(address.text)
    written = [address.text] if address is not None and not unknown else []
    if verb in OF_MIGRATIONS:
        written.append(posixpath.relpath(f"{folder}/versions", place.folder or "."))
    return Command(
        "script",
        (environment, *sorted(versions)),
        place.folders(),
        writes=tuple(written),
        unknown_writes=(f"the database that `{file}` names is computed",) if unknown else (),
    )


def _settings(text: str) -> dict[str, str] | None:
    """The section of Alembic's settings as written; None where it has none, or can't be read."""
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except (Error, ValueError):
        return None
    return dict(parser["alembic"]) if parser.has_section("alembic") else None


def _is_computed(text: str) -> bool:
    return not text or "%(" in text or "$" in text
