"""JavaScript and TypeScript as syntax trees, walked without recursion."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

JAVASCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx")
TYPESCRIPT_SUFFIXES = (".ts", ".mts", ".cts", ".tsx")
SOURCE_SUFFIXES = JAVASCRIPT_SUFFIXES + TYPESCRIPT_SUFFIXES
COMPONENT_SUFFIXES = (".vue", ".svelte", ".astro")
"""Their scripts may be TypeScript."""

# What only the type checker sees: nothing in it runs.
_TYPE_NODES = frozenset(
    {
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "interface_declaration",
        "type_alias_declaration",
        "implements_clause",
        "type_predicate_annotation",
        "asserts_annotation",
        "ambient_declaration",
        "abstract_method_signature",
        "function_signature",
    }
)


_BRACKET = re.compile(r"[\[\](){}]")
_DEPTH_LIMIT = 500
_CASES_LIMIT = 1_500


def _is_bomb(text: str) -> bool:
    """The parser overflows its stack on objects nested tens of thousands deep, and takes minutes over as many `case`
    labels outside of a `switch`; no file that a person wrote comes near."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket[0] in "[({" else max(depth - 1, 0)
        if depth > _DEPTH_LIMIT:
            return True
    return text.count("case ") > _CASES_LIMIT


def parse_source(path: str, text: str) -> Node | None:
    """The root of a file's tree, in the grammar of its name; None for a text made to break the parser."""
    if _is_bomb(text):
        return None
    data = text.encode("utf-8", "replace")
    if data.startswith(b"#!"):
        data = b"//" + data[2:]
    return _parser(_grammar(path)).parse(data).root_node


def _grammar(path: str) -> str:
    if path.endswith(".tsx"):
        return "tsx"
    return "typescript" if path.endswith((*TYPESCRIPT_SUFFIXES, *COMPONENT_SUFFIXES)) else "javascript"


@functools.cache
def _parser(grammar: str) -> Parser:
    from tree_sitter import Language, Parser

    if grammar == "javascript":
        import tree_sitter_javascript

        return Parser(Language(tree_sitter_javascript.language()))
    import tree_sitter_typescript

    if grammar == "tsx":
        return Parser(Language(tree_sitter_typescript.language_tsx()))
    return Parser(Language(tree_sitter_typescript.language_typescript()))


def walk(root: Node | None) -> Iterator[Node]:
    """Every node that may run, parents first, in the order of the text."""
    if root is None:
        return
    cursor = root.walk()
    while True:
        node = cursor.node
        assert node is not None
        yield node
        if node.type not in _TYPE_NODES and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def text_of(node: Node) -> str:
    """The node's text."""
    return (node.text or b"").decode("utf-8", "replace")


def snippet_of(node: Node, length: int = 80) -> str:
    """The first line of the node's text, cut short; "" for text too long to copy for a message."""
    if node.end_byte - node.start_byte > _SNIPPET_LIMIT:
        return ""
    return text_of(node).split("\n", 1)[0][:length]


_SNIPPET_LIMIT = 4_000


def line_of(node: Node) -> int:
    """1-based."""
    return int(node.start_point[0]) + 1


def string_value(node: Node | None) -> str | None:
    """The value of a string or of a template without substitutions; None of anything else."""
    if node is None:
        return None
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    if node.type not in ("string", "template_string"):
        return None
    parts: list[str] = []
    for child in node.named_children:
        if child.type == "string_fragment":
            parts.append(text_of(child))
        elif child.type == "escape_sequence":
            parts.append(_ESCAPES.get(text_of(child), text_of(child)[1:]))
        elif child.type != "comment":
            return None
    return "".join(parts)


def filled_template(node: Node) -> str:
    """A template string with an `x` for each substitution; "" where it is long."""
    if node.end_byte - node.start_byte > _TEMPLATE_LIMIT:
        return ""
    return "".join("x" if part.type == "template_substitution" else text_of(part) for part in node.named_children)


_TEMPLATE_LIMIT = 200
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\0": "\0"}


def arguments_of(call: Node) -> list[Node]:
    """The arguments of a call or of `new`, comments left out."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None or arguments.type != "arguments":
        return []
    return [child for child in arguments.named_children if child.type != "comment"]


def pairs_of(node: Node | None) -> dict[str, Node]:
    """The members of an object literal whose names are plain."""
    found: dict[str, Node] = {}
    if node is None or node.type != "object":
        return found
    for child in node.named_children:
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if child.type == "pair" and key is not None and value is not None:
            name = text_of(key) if key.type == "property_identifier" else string_value(key)
            if name is not None:
                found[name] = value
        elif child.type == "method_definition":
            name_node = child.child_by_field_name("name")
            if name_node is not None:
                found[text_of(name_node)] = child
        elif child.type == "shorthand_property_identifier":
            found[text_of(child)] = child
    return found
