"""What an expression of Go source can be: a string, a name, a list, or the result of a call that is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerslim.languages.go.values import UNKNOWN, Choice, Joined, Member, Name, Text, Value

if TYPE_CHECKING:
    from tree_sitter import Node

_DEPTH_LIMIT = 25
_SAME_TEXT = frozenset(
    {
        "filepath.Clean", "filepath.Abs", "filepath.FromSlash", "filepath.ToSlash", "filepath.EvalSymlinks",
        "path.Clean", "strings.TrimSpace", "string", "http.Dir", "gin.Dir",
    }
)  # fmt: skip
"""Functions whose result is, for a path, their first argument."""
_JOINS = frozenset({"filepath.Join", "path.Join"})

FLAG_PLACES = {"String": (0, 1), "StringP": (0, 2), "StringVar": (1, 2), "StringVarP": (1, 3)}
"""Functions and methods of flag packages: where the flag's name stands, and where its default."""

_VERB = re.compile(r"(%[-+# 0-9.]*[a-zA-Z%])")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_ESCAPE = re.compile(
    r"\\(?:(?:x(?=[0-9a-fA-F]{2})|u(?=[0-9a-fA-F]{4})|U(?=[0-9a-fA-F]{8}))(?P<hex>(?<=x)..|(?<=u)....|(?<=U).{8})"
    r"|(?P<octal>[0-7]{3})|(?P<character>.))"
)


def value_of(node: Node, depth: int = 0) -> Value:
    """What a node can be; `depth` is how many expressions it lies in."""
    if depth > _DEPTH_LIMIT:
        return UNKNOWN
    match node.type:
        case "interpreted_string_literal":
            return _interpreted(node)
        case "raw_string_literal":
            return Text(source_of(node)[1:-1].replace("\r", ""))
        case "identifier":
            return Name(source_of(node))
        case "parenthesized_expression" | "literal_element" | "variadic_argument":
            return value_of(node.named_children[0], depth + 1) if node.named_children else UNKNOWN
        case "unary_expression":
            operator, operand = node.child_by_field_name("operator"), node.child_by_field_name("operand")
            if operator is not None and operand is not None and operator.text in (b"*", b"&"):
                return value_of(operand, depth + 1)
            return UNKNOWN
        case "binary_expression":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            operator = node.child_by_field_name("operator")
            if left is None or right is None or operator is None or operator.text != b"+":
                return UNKNOWN
            return Joined((value_of(left, depth + 1), value_of(right, depth + 1)), "")
        case "selector_expression":
            operand, name = node.child_by_field_name("operand"), node.child_by_field_name("field")
            if operand is None or name is None:
                return UNKNOWN
            return Member(source_of(operand) if operand.type == "identifier" else "", source_of(name))
        case "composite_literal":
            kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
            if (
                kind is None
                or body is None
                or kind.type not in ("slice_type", "array_type", "implicit_length_array_type")
            ):
                return UNKNOWN
            return Choice(tuple(value_of(child, depth + 1) for child in body.named_children))
        case "call_expression":
            return _result(node, depth + 1)
        case "type_conversion_expression":
            return value_of(node.named_children[-1], depth + 1) if node.named_children else UNKNOWN
    return UNKNOWN


def _result(node: Node, depth: int) -> Value:
    """What a call gives back."""
    function, arguments = called(node), arguments_of(node)
    if function is None:
        return UNKNOWN
    operand, name = function
    whole = f"{operand}.{name}" if operand is not None else name
    if whole == "os.TempDir":
        return Text("/tmp")
    if not arguments:
        return UNKNOWN
    if whole in _SAME_TEXT:
        return value_of(arguments[0], depth)
    if whole in _JOINS:
        return Joined(tuple(value_of(argument, depth) for argument in arguments), "/")
    if whole == "fmt.Sprintf":
        return _formatted([value_of(argument, depth) for argument in arguments])
    if whole == "cmp.Or":
        return Choice(tuple(value_of(argument, depth) for argument in arguments))
    if operand is not None and name in ("String", "StringP") and len(arguments) > FLAG_PLACES[name][1]:
        return value_of(arguments[FLAG_PLACES[name][1]], depth)
    if len(arguments) >= 2 and re.search(r"env|default", name, re.IGNORECASE):
        # `getEnv("DATA", "data")`: the environment decides, the default is worth knowing.
        return Choice((value_of(arguments[-1], depth), UNKNOWN))
    return UNKNOWN


def _formatted(values: list[Value]) -> Value:
    pattern, *rest = values
    if not isinstance(pattern, Text):
        return UNKNOWN
    pieces = _VERB.split(pattern.text)
    verbs = pieces[1::2]
    if len(verbs) - verbs.count("%%") != len(rest):
        return UNKNOWN
    given = iter(rest)
    parts: list[Value] = [Text(pieces[0])]
    for verb, piece in zip(verbs, pieces[2::2], strict=True):
        if verb == "%%":
            parts.append(Text("%"))
        else:
            value = next(given)
            # A number written out is no name that can be known.
            parts.append(value if verb in ("%s", "%v") else UNKNOWN)
        parts.append(Text(piece))
    return Joined(tuple(parts), "")


def _interpreted(node: Node) -> Value:
    text = source_of(node)[1:-1]
    if "\\" not in text:
        return Text(text)
    return Text(_ESCAPE.sub(_unescaped, text))


def _unescaped(found: re.Match[str]) -> str:
    if found["character"] is not None:
        return _ESCAPES.get(found["character"], found[0])
    code = int(found["hex"], 16) if found["hex"] is not None else int(found["octal"], 8)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def called(node: Node) -> tuple[str | None, str] | None:
    """What stands before the dot (None without a dot, "" for more than a name) and the function's name."""
    function = node.child_by_field_name("function")
    if function is None:
        return None
    if function.type in ("identifier", "type_identifier"):
        return None, source_of(function)
    if function.type == "selector_expression":
        operand, name = function.child_by_field_name("operand"), function.child_by_field_name("field")
        if operand is not None and name is not None:
            return (source_of(operand) if operand.type == "identifier" else ""), source_of(name)
    return None


def arguments_of(node: Node) -> list[Node]:
    """Those of a call, without the comments between them."""
    found = node.child_by_field_name("arguments")
    return [child for child in found.named_children if child.type != "comment"] if found is not None else []


def source_of(node: Node) -> str:
    """The text of a node."""
    return (node.text or b"").decode("utf-8", "replace")
