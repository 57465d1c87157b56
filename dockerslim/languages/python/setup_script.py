"""A setup.py that only describes a package: its requirements as it writes them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.context.build_context import BuildContext

if TYPE_CHECKING:
    import libcst as cst

BUILDING = frozenset(
    {
        "cffi_modules", "cmdclass", "command_options", "data_files", "dependency_links", "distclass", "ext_modules",
        "ext_package", "headers", "libraries", "rust_extensions", "scripts", "setup_requires",
    }
)  # fmt: skip
"""Arguments by which something else is built or installed than the project's own packages."""
DESCRIBING = frozenset(
    {
        "Path", "abspath", "dirname", "find_namespace_packages", "find_packages", "format", "join", "normpath", "open",
        "read", "read_text", "readlines", "realpath", "replace", "resolve", "rstrip", "setup", "split", "splitlines",
        "strip",
    }
)  # fmt: skip
"""Functions that only look at the source."""


@dataclass(frozen=True, slots=True)
class SetupScript:
    """`requirements` is None where they are computed; `problem` is what the script does besides describing."""

    requirements: tuple[str, ...] | None = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    console_scripts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Programs of the project, each with the `module:function` that it runs."""
    problem: str = ""


def read_setup_script(context: BuildContext, path: str) -> SetupScript:
    """Read a setup.py of the context without running it."""
    import libcst as cst

    from dockerslim.languages.python.syntax import children, dotted, parse

    text = context.read_text(path)
    module = parse(text) if text is not None else None
    if module is None:
        return SetupScript(problem=f"{path} can't be read")
    setups: list[cst.Call] = []
    values: dict[str, cst.BaseExpression] = {}
    pending: list[cst.CSTNode] = [module]
    while pending:
        node = pending.pop()
        pending.extend(children(node))
        if isinstance(node, (cst.ClassDef, cst.Lambda, cst.Del, cst.AugAssign)):
            return SetupScript(problem=f"what {path} does is not known")
        if isinstance(node, cst.Assign) and len(node.targets) == 1 and isinstance(node.targets[0].target, cst.Name):
            values[node.targets[0].target.value] = node.value
        if not isinstance(node, cst.Call):
            continue
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else dotted(node.func)
        if name not in DESCRIBING:
            return SetupScript(problem=f"what {path} does is not known")
        if name == "setup":
            setups.append(node)
    if len(setups) != 1:
        return SetupScript(problem=f"what {path} does is not known")
    return _of_call(path, setups[0], values)


def _of_call(path: str, call: cst.Call, values: Mapping[str, cst.BaseExpression]) -> SetupScript:
    arguments = {argument.keyword.value: argument.value for argument in call.args if argument.keyword is not None}
    if len(arguments) != len(call.args):
        return SetupScript(problem=f"{path} computes what it hands to `setup`")
    building = next((name for name in arguments if name in BUILDING), "")
    if building:
        return SetupScript(problem=f"`{building}` of {path} does more than pack the source")
    requirements = arguments.get("install_requires")
    return SetupScript(
        tuple(_strings(requirements, values) or ()) if _is_list(requirements, values) else None,
        dict(_lists(arguments.get("extras_require"), values)),
        dict(_console_scripts(arguments.get("entry_points"), values)),
    )


def _console_scripts(
    node: cst.BaseExpression | None, values: Mapping[str, cst.BaseExpression]
) -> Iterator[tuple[str, str]]:
    for line in dict(_lists(node, values)).get("console_scripts", ()):
        name, _, target = line.partition("=")
        yield name.strip(), target.strip()


def _resolved(node: cst.BaseExpression | None, values: Mapping[str, cst.BaseExpression]) -> cst.BaseExpression | None:
    """The value of a name that is assigned once or more; itself for anything else."""
    import libcst as cst

    return values.get(node.value) if isinstance(node, cst.Name) else node


def _is_list(node: cst.BaseExpression | None, values: Mapping[str, cst.BaseExpression]) -> bool:
    return node is None or _strings(node, values) is not None


def _strings(node: cst.BaseExpression | None, values: Mapping[str, cst.BaseExpression]) -> list[str] | None:
    """The strings of a list that is written out; None for anything else."""
    import libcst as cst

    found = _resolved(node, values)
    if not isinstance(found, (cst.List, cst.Tuple)):
        return None
    strings: list[str] = []
    for element in found.elements:
        if not isinstance(element.value, cst.SimpleString):
            return None
        value = element.value.evaluated_value
        if not isinstance(value, str):
            return None
        strings.append(value)
    return strings


def _lists(
    node: cst.BaseExpression | None, values: Mapping[str, cst.BaseExpression]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The keys of a dictionary whose values are lists that are written out."""
    import libcst as cst

    found = _resolved(node, values)
    for element in found.elements if isinstance(found, cst.Dict) else ():
        if not isinstance(element, cst.DictElement) or not isinstance(element.key, cst.SimpleString):
            continue
        name, strings = element.key.evaluated_value, _strings(element.value, values)
        if isinstance(name, str) and strings is not None:
            yield name, tuple(strings)
