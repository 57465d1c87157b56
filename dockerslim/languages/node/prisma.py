"""Prisma's schema: where it is, what it writes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.paths import inside, parent

_SETTING = re.compile(r'[ \t]*(provider|url|output)[ \t]*=[ \t]*"([^"\n]*)"')
_SCHEMA_SETTING = re.compile(r"""\bschema[ \t]*:[ \t]*["']([^"'\n]+)["']""")
_SEED_SETTING = re.compile(r"""\bseed["']?[ \t]*:[ \t\n]*["'`]([^"'`\n$]+)["'`]""")
_SEED = re.compile(r"\bseed\b[\"']?\s*[:,}]")
_CONFIGURATIONS = tuple(
    f"{name}.{suffix}" for name in ("prisma.config", ".config/prisma") for suffix in ("ts", "js", "mjs", "mts", "cjs")
)
_ADAPTERS = frozenset({"@prisma/adapter-better-sqlite3", "@prisma/adapter-libsql"})
"""Drivers that are told which file, where the schema no longer says it."""
CLIENT = "@prisma/client"
_BLOCK = re.compile(r"[ \t]*(datasource|generator)[ \t]+\w+[ \t]*\{")


@dataclass(frozen=True, slots=True)
class Database:
    """A database in a file; `path` is relative to the context, None where the environment says."""

    path: str | None
    evidence: Evidence


def find_schema(context: BuildContext, folder: str, manifest: Manifest) -> str | None:
    """The schema file, or the folder of schema files, relative to the context."""
    for name in (
        manifest.prisma_schema,
        _configured_schema(context, folder),
        "prisma/schema.prisma",
        "schema.prisma",
        "prisma/schema",
    ):
        path = inside(folder, name) if name else None
        if path and context.has(path):
            return path
    return None


def _configured_schema(context: BuildContext, folder: str) -> str | None:
    text = _configuration(context, folder)
    match = _SCHEMA_SETTING.search(text) if text is not None else None
    return match[1] if match is not None else None


def _configuration(context: BuildContext, folder: str) -> str | None:
    """The text of prisma.config.ts, under whichever of its names."""
    paths = (inside(folder, name) for name in _CONFIGURATIONS)
    texts = (context.read_text(path) for path in paths if path is not None and context.is_file(path))
    return next((text for text in texts if text is not None), None)


def seed_commands(context: BuildContext, folder: str, manifest: Manifest) -> tuple[str, ...] | None:
    """What `prisma db seed` may run, by package.json and by the configuration; None where that is computed."""
    text = _configuration(context, folder) or ""
    match = _SEED_SETTING.search(text)
    if match is None and _SEED.search(text):
        return None
    found = (manifest.prisma_seed, match[1] if match is not None else None)
    return tuple(dict.fromkeys(command for command in found if command))


def schema_files(context: BuildContext, schema: str) -> tuple[str, ...]:
    """The files of a schema."""
    if context.is_file(schema):
        return (schema,)
    return tuple(path for path in context.under(schema) if path.endswith(".prisma"))


def database_of_prisma(
    context: BuildContext, folder: str, manifest: Manifest, packages: Collection[str] = ()
) -> Database | None:
    """The SQLite database of the schema; None where it has another kind, or one of the loaded packages is its driver,
    which the source tells the file."""
    schema = find_schema(context, folder, manifest)
    for path in schema_files(context, schema) if schema is not None else ():
        block = ""
        settings: dict[str, str] = {}
        line_of_url = 0
        for number, line in enumerate((context.read_text(path) or "").split("\n"), start=1):
            start = _BLOCK.match(line)
            block = start[1] if start is not None else block
            match = _SETTING.match(line)
            if match is not None and block == "datasource":
                settings[match[1]] = match[2]
                line_of_url = number
        if settings.get("provider") == "sqlite":
            if "url" not in settings and not _ADAPTERS.isdisjoint(packages):
                return None
            url = settings.get("url", "")
            file = inside(parent(path), url.removeprefix("file:")) if url.startswith("file:") else None
            return Database(file, Evidence(path, line_of_url, f"sqlite {url}".strip()))
    return None


def output_folders(context: BuildContext, schema: str) -> tuple[str, ...]:
    """The folders of the project that `prisma generate` writes: none where the client goes to node_modules."""
    found: list[str] = []
    for path in schema_files(context, schema):
        for line in (context.read_text(path) or "").split("\n"):
            match = _SETTING.match(line)
            target = inside(parent(path), match[2]) if match is not None and match[1] == "output" else None
            if target is not None and "node_modules" not in target.split("/"):
                found.append(target)
    return tuple(found)


def generated_clients(context: BuildContext, folder: str, manifest: Manifest) -> tuple[str, ...]:
    """The folders that a build fills with a client, which loads the package CLIENT."""
    if CLIENT not in manifest.installed_dependencies:
        return ()
    schema = find_schema(context, folder, manifest)
    found = output_folders(context, schema) if schema is not None else ()
    return tuple(output for output in found if output and not context.under(output))
