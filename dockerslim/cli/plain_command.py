"""Commands that take words as they are.

typer converts each value with pydantic, whose import takes longer than the work on a file. Where all parameters are
flags, texts and lists of texts there is nothing to convert.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class PlainCommand(TyperCommand):
    """A command whose parameters are flags, texts and lists of texts, without callbacks, none of them required."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for parameter in self.params:
            # The documented step from a parsed value to the function's argument.
            parameter.process_value = _as_it_is  # type: ignore[method-assign]
        return super().parse_args(ctx, args)

    def get_help_option(self, ctx: Any) -> Any:
        return _only_if_given(super().get_help_option(ctx))


class PlainGroup(TyperGroup):
    """A group of commands whose own options are flags."""

    def get_help_option(self, ctx: Any) -> Any:
        return _only_if_given(super().get_help_option(ctx))


def _as_it_is(ctx: Any, value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _only_if_given(option: Any) -> Any:
    """The option, which leaves its value alone where the command line doesn't have it."""
    if option is not None:
        process = type(option).process_value.__get__(option)
        option.process_value = lambda ctx, value: process(ctx, value) if value else value
    return option
