"""Fills the templates of new text. A template says how a stage looks; whoever calls decides whether."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerslim.locate import catalogue_folder

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(catalogue_folder("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def render(template: str, facts: object) -> str:
    """The text of `templates/<template>`, filled with the fields of a dataclass."""
    if not is_dataclass(facts) or isinstance(facts, type):
        raise TypeError("a template is filled with a dataclass")
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return _environment().get_template(template).render(values)
