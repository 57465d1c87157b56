"""What calls write by an argument that isn't the path alone: where one asks for it, or sets an option."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from dockerslim.languages.python.celery import written_by_celery
from dockerslim.languages.python.effect_tables import OptionalWrite, effect_tables
from dockerslim.languages.python.module import (
    Module,
    keyword_argument,
    last_positional_argument,
    literal_text,
    positional_argument,
)
from dockerslim.languages.python.program import Program
from dockerslim.languages.python.values import Value

_DECLINING = frozenset({"False", "None", "never"})


def optional_writes(program: Program, module: Module, node: cst.Call, name: str) -> Iterator[tuple[Value | None, bool]]:
    """The paths of one call, and whether each is a folder's; None for one that isn't known.

    `name` is that of its function, the aliases followed.
    """
    table = effect_tables()
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    for rule in table.optional_writes:
        if (name in rule.functions or method in rule.methods) and _is_asked(program, module, node, rule):
            yield from _asked(program, module, node, rule)
    if name in table.write_absolute:
        argument = argument_at(node, table.write_absolute[name])
        value = program.evaluate(argument, module) if argument is not None else None
        if value is not None and value.text.startswith("/"):
            yield value, False
    if name in table.write_options and _text_at(node, (0,)) in table.write_options[name]:
        yield program.evaluate(positional_argument(node, 1), module), True
    if method in table.beat_methods:
        yield from ((value, False) for value in _by_beat(node))


def argument_at(node: cst.Call, places: Sequence[int | str]) -> cst.BaseExpression | None:
    """The argument at the first of these places that is taken: a position, -1 for the last, or a keyword."""
    for place in places:
        if isinstance(place, str):
            found = keyword_argument(node, place)
        else:
            found = last_positional_argument(node) if place < 0 else positional_argument(node, place)
        if found is not None:
            return found
    return None


def _text_at(node: cst.Call, places: Sequence[int | str]) -> str | None:
    argument = argument_at(node, places)
    return literal_text(argument) if argument is not None else None


def _is_asked(program: Program, module: Module, node: cst.Call, rule: OptionalWrite) -> bool:
    argument = argument_at(node, rule.asked_by)
    if argument is None or (isinstance(argument, cst.Name) and argument.value == "None"):
        return rule.by_default
    if rule.beginning:
        value = program.evaluate(argument, module)
        return value is not None and value.text.startswith(rule.beginning)
    text = argument.value if isinstance(argument, cst.Name) else literal_text(argument)
    return text not in _DECLINING


def _asked(
    program: Program, module: Module, node: cst.Call, rule: OptionalWrite
) -> Iterator[tuple[Value | None, bool]]:
    argument = argument_at(node, rule.places)
    if argument is None:
        yield from ((Value(path), False) for path in rule.paths)
    else:
        yield program.evaluate(argument, module), rule.is_folder


def _by_beat(node: cst.Call) -> Iterator[Value]:
    """The files of a scheduler that `app.worker_main(["worker", "-B"])` starts."""
    argument = argument_at(node, effect_tables().beat_places)
    if isinstance(argument, (cst.List, cst.Tuple)):
        words = [literal_text(element.value) or "" for element in argument.elements]
        if {"worker", "beat"} & set(words):
            yield from (Value(path) for path in written_by_celery(words))
