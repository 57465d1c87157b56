"""Prisma's schema: where it is, what it writes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.paths import inside, parent

_SETTING = re.compile(r'[ \t]*(provider|url|output)[ \t]*=[ \t]*"([^"\n]*)"')
_BLOCK = re.compile(r"[ \t]*(datasource|generator)[ \t]+\w+[ \t]*\{")


@dataclass(frozen=True, slots=True)
class Database:
    """A database in a file; `path` is relative to the context, None where the environment says."""

    path: str | None
    evidence: Evidence


def find_schema(context: BuildContext, folder: str, manifest: Manifest) -> str | None:
    """The schema file, or the folder of schema files, relative to the context."""
    for name in (manifest.prisma_schema, "prisma/schema.prisma", "schema.prisma", "prisma/schema"):
        path = inside(folder, name) if name else None
        if path and context.has(path):
            return path
    return None


def schema_files(context: BuildContext, schema: str) -> tuple[str, ...]:
    """The files of a schema."""
    if context.is_file(schema):
        return (schema,)
    return tuple(path for path in context.under(schema) if path.endswith(".prisma"))


def database_of_prisma(context: BuildContext, folder: str, manifest: Manifest) -> Database | None:
    """The SQLite database of the schema; None where it has another kind."""
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
