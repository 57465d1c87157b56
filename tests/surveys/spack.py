"""What Spack's recipes say of Python distributions: what each is built with, linked with and run with.

They name libraries, but not always the programs that a distribution runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.surveys.statement import Statement, normalize

NAMES = {"pil": "py-pillow"}
"""Words for a choice of distributions."""
SLIM = frozenset(
    ["python", "python-venv", "bzip2", "xz", "libffi", "openssl", "sqlite", "zlib", "zlib-api", "readline"]
)
OTHER_SYSTEMS = ("platform=windows", "platform=darwin")


def statement(recipe: str) -> Statement | None:
    """None for a recipe whose distribution isn't named, or that does more than install it."""
    try:
        tree = ast.parse(recipe)
    except (SyntaxError, ValueError, RecursionError):
        return None
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    if len(classes) != 1 or [_name(base) for base in classes[0].bases] != ["PythonPackage"]:
        return None
    project = _project(classes[0])
    if project is None:
        return None
    needs: set[str] = set()
    requires: set[str] = set()
    is_compiled = False
    for what, kinds in _dependencies(classes[0].body, None):
        if what is None:
            needs.add("what is computed")
        elif what in ("c", "cxx", "fortran", "rust", "py-cython", "py-pybind11", "py-maturin"):
            is_compiled = True
        elif what.startswith("py-"):
            requires.update([normalize(what.removeprefix("py-"))] if "run" in kinds else ())
        elif kinds & {"run", "link"} and what not in SLIM:
            needs.add(what)
    if needs:
        return Statement(project, "Spack", "needs", frozenset(requires), ", ".join(sorted(needs)))
    return Statement(project, "Spack", "self-contained" if is_compiled else "pure", frozenset(requires))


def _project(node: ast.ClassDef) -> str | None:
    """`Flask` of `pypi = "Flask/Flask-1.0.tar.gz"`."""
    for each in node.body:
        if isinstance(each, ast.Assign) and [_name(target) for target in each.targets] == ["pypi"]:
            text = _text(each.value)
            return normalize(text.partition("/")[0]) if text else None
    return None


def _dependencies(body: list[ast.stmt], default: frozenset[str] | None) -> Iterator[tuple[str | None, frozenset[str]]]:
    for node in body:
        if isinstance(node, ast.With):
            given = [_kinds(item.context_expr) for item in node.items]
            yield from _dependencies(node.body, next((kinds for kinds in given if kinds is not None), default))
        elif isinstance(node, (ast.For, ast.If)):
            yield from _dependencies([*node.body, *node.orelse], default)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value.func) == "depends_on":
            call = node.value
            when = next((_text(word.value) or "" for word in call.keywords if word.arg == "when"), "")
            if not any(system in when for system in OTHER_SYSTEMS):
                kinds = _kinds(call)
                if kinds is None:
                    kinds = default if default is not None else frozenset({"build", "link"})
                yield _package(call), kinds


def _package(call: ast.Call) -> str | None:
    text = _text(call.args[0]) if call.args else None
    if text is None:
        return None
    end = next((place for place, letter in enumerate(text) if not (letter.isalnum() or letter in "-_")), len(text))
    return NAMES.get(text[:end], text[:end]) or None


def _kinds(call: ast.expr) -> frozenset[str] | None:
    if not isinstance(call, ast.Call):
        return None
    value = next((word.value for word in call.keywords if word.arg == "type"), None)
    if value is None:
        return None
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
    texts = [_text(part) for part in parts]
    return frozenset(text if text is not None else "run" for text in texts)


def _text(node: ast.expr) -> str | None:
    """The text of a literal; of a computed one the words before the first that isn't known."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
