"""The settings of a Scrapy project: where they are, and what they make it write.

Sources: scrapy/utils/project.py, scrapy/settings/default_settings.py (2.19).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from configparser import ConfigParser, Error

import libcst as cst

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.import_files import join
from dockerslim.languages.python.module import Module

READER = "scrapy.utils.project.get_project_settings"
FOLDERS = ("FILES_STORE", "IMAGES_STORE", "JOBDIR", "LOG_FILE")
"""Settings whose value is written."""
CACHE = "HTTPCACHE_ENABLED"
CACHE_FOLDER = ".scrapy"
_UNSET = frozenset({"None", "False"})


def settings_module(context: BuildContext, folders: Sequence[str]) -> str:
    """The dotted name in scrapy.cfg, which is looked for in these folders; "" where there is none."""
    for folder in folders:
        path = join(folder, "scrapy.cfg")
        text = context.read_text(path) if path is not None and context.is_file(path) else None
        parser = ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(text or "")
        except (Error, ValueError):
            continue
        name = parser.get("settings", "default", fallback="")
        if name:
            return name
    return ""


def is_settings(module: Module) -> bool:
    """Is it a module of a Scrapy project's settings? It names the packages of the spiders, which are all loaded."""
    return "SPIDER_MODULES" in module.assignments


def written_settings(module: Module) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    """Each setting by which a module makes Scrapy write, with its value: None for the folder of its cache."""
    if not is_settings(module):
        return
    for name in FOLDERS:
        for expression in module.assignments.get(name, ()):
            if expression is not None and not _is_unset(expression):
                yield name, expression
    if any(expression is None or not _is_unset(expression) for expression in module.assignments.get(CACHE, ())):
        yield CACHE, None


def _is_unset(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value in _UNSET
