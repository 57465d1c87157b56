"""What the source of a distribution uses of the system: shared libraries that it loads, programs that it runs.

The source is parsed, never run. What stands under a check for Windows or macOS doesn't count.
"""

from __future__ import annotations

import ast
import posixpath
import re
import warnings
from collections.abc import Iterator

from dockerslim.split.full_image import full_image_programs
from dockerslim.split.python.libraries import slim_libraries

LOADERS = frozenset("find_library CDLL PyDLL LoadLibrary dlopen load_library".split())
STARTERS = frozenset(
    "run call check_call check_output Popen getoutput getstatusoutput system popen which create_subprocess_exec "
    "create_subprocess_shell execv execve execvp execvpe execl execlp spawnv spawnvp spawnlp".split()
)
MODULES_OF_STARTERS = frozenset("subprocess os shutil asyncio distutils sh plumbum pexpect".split())
OTHER_SYSTEMS = re.compile(r"win32|windows|\bnt\b|darwin|cygwin|macos|WIN|MAC|OSX", re.IGNORECASE)
OTHER_LIBRARIES = re.compile(
    r".*\.(dll|dylib)|(kernel|user|shell|ole|gdi|advapi|ws2_|wintypes)\w*|msvcrt", re.IGNORECASE
)
LIBRARY_FILE = re.compile(r"(?:lib)?(?P<name>[\w+.-]+?)(?:\.so[.\d]*)?")


def uses(text: str) -> frozenset[str]:
    """Words as `loads libfoo` and `runs git`; empty where the source uses nothing that slim lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the literals that are read
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return frozenset(_uses_of_words(text))
    found: set[str] = set()
    texts: set[str] = set()
    starts = False
    imports = _imported(tree)
    for node in _walk(tree):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in LOADERS and _is_a_loader(node, imports):
                found.update(_loaded(node))
            elif name in STARTERS and imports & MODULES_OF_STARTERS:
                starts = True
                found.update(f"runs {word}" for word in _programs(_first_word(node)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40:
            texts.add(node.value)
    if starts:  # the command may be put together elsewhere in the module
        common = full_image_programs().common
        found.update(f"runs {word}" for each in texts - common for word in _programs(each))
    return frozenset(found)


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, (ast.If, ast.IfExp)):
            test = ast.unparse(node.test)
            if OTHER_SYSTEMS.search(test) and "linux" not in test.lower():
                rest = node.orelse if isinstance(node.orelse, list) else [node.orelse]
                body = node.body if isinstance(node.body, list) else [node.body]
                is_negative = "!=" in test or test.startswith("not ")
                pending.extend(body if is_negative else rest)
                continue
        pending.extend(ast.iter_child_nodes(node))


def _imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _is_a_loader(call: ast.Call, imports: set[str]) -> bool:
    """`load_library` and `dlopen` are ordinary names, and so are they in a module without ctypes and cffi."""
    return bool(imports & {"ctypes", "cffi", "numpy"}) or _name(call.func) == "dlopen"


def _loaded(call: ast.Call) -> Iterator[str]:
    whole = ast.unparse(call)
    if "windll" in whole or "oledll" in whole:
        return
    values = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "name")]
    for value in values:
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str) and not _is_at_hand(value.value):
                yield f"loads {value.value}"
        elif "__file__" not in whole and "find_library" not in whole:
            yield f"loads {ast.unparse(value)[:60]}"


def _is_at_hand(library: str) -> bool:
    name = posixpath.basename(library)
    match = LIBRARY_FILE.fullmatch(name)
    plain = match["name"] if match else name
    return plain in slim_libraries() or OTHER_LIBRARIES.fullmatch(name) is not None


def _first_word(call: ast.Call) -> str:
    if not call.args:
        return ""
    value = call.args[0]
    if isinstance(value, (ast.List, ast.Tuple)) and value.elts:
        value = value.elts[0]
    if isinstance(value, ast.JoinedStr) and value.values:
        value = value.values[0]
    if isinstance(value, ast.BinOp):
        value = value.left
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return ""


def _programs(text: str) -> Iterator[str]:
    words = text.split()
    name = posixpath.basename(words[0]) if words else ""
    table = full_image_programs()
    if name in table.packages or name in table.builders:
        yield name


def _uses_of_words(text: str) -> Iterator[str]:
    """For a source of an older Python, which can't be parsed: any sign counts."""
    if re.search(r"\b(find_library|CDLL|LoadLibrary|dlopen)\b", text):
        yield "loads what is not known"
    if re.search(r"\b(subprocess|popen|system)\b", text):
        for word in re.findall(r"""["']([\w+-]+)""", text):
            yield from (f"runs {name}" for name in _programs(word))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
