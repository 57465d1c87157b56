"""What a distribution's own files say: a wheel, a source archive or a checkout of its sources, read and never run."""

from __future__ import annotations

import ast
import configparser
import email.parser
import posixpath
import re
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from dockerslim.split.python.libraries import slim_libraries
from tests.surveys.elf import linked
from tests.surveys.locks import ENVIRONMENTS
from tests.surveys.python_source import LIBRARY_FILE, uses
from tests.surveys.statement import Statement, normalize

LARGEST = 80_000_000
ASIDE = frozenset(
    "test tests testing docs doc documentation example examples sample samples demo demos benchmark benchmarks bench "
    "perf performance performance_benchmarks itests script scripts tool tools ci build_tools maint contrib website "
    "third_party vendor node_modules".split()
)
"""Folders whose Python isn't part of what is used."""
BUILD_FILES = frozenset(
    "setup.py versioneer.py _version.py conftest.py noxfile.py tasks.py fabfile.py build.py release.py".split()
)
NATIVE = (".c", ".cc", ".cpp", ".cxx", ".pyx", ".f", ".f90", ".rs", ".go", ".h", ".hpp", ".zig", ".m", ".mm")
LINKS = re.compile(
    r"pkg-config|pkgconfig|\blibraries\s*[=:]\s*(?!\[\s*\])|find_package\(|find_library\(|\bdependency\(|"
    r"target_link_libraries|['\"]-l(?!m\b|stdc\b|pthread\b|dl\b|rt\b|asan\b)\w+|rustc-link-lib|-sys\s*="
)
"""Signs in a build script that something of the system is linked."""
BUILD_SCRIPTS = frozenset(
    "setup.py setup.cfg pyproject.toml CMakeLists.txt meson.build Cargo.toml build.rs configure.ac Makefile".split()
)


def statement(name: str, path: Path, source: str = "its files") -> Statement | None:
    """Judge a wheel, a source archive or a folder; None for what is too large or can't be read."""
    try:
        files = dict(_files(path))
    except (OSError, zipfile.BadZipFile, tarfile.TarError, ValueError):
        return None
    is_wheel = path.suffix == ".whl"
    needs: set[str] = set()
    is_compiled = False
    for file, data in files.items():
        if file.endswith(".py") and not _is_aside(file, is_wheel):
            needs.update(uses(data.decode("utf-8", "replace")))
        elif not is_wheel and file.endswith(NATIVE) and not _is_aside(file, is_wheel):
            is_compiled = True
    if is_wheel:
        is_compiled = any(linked(data) is not None for data in files.values())
        needs.update(f"links {library}" for library in _linked_outside(files))
    elif is_compiled:
        needs.update(_links(files))
    requires = _requires(files, is_wheel)
    if requires is None:
        needs.add("requirements that are computed")
    if needs:
        return Statement(normalize(name), source, "needs", requires or frozenset(), ", ".join(sorted(needs)))
    return Statement(normalize(name), source, "self-contained" if is_compiled else "pure", requires or frozenset())


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Of an archive without its first folder where that is a source archive's."""
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            if each.is_file() and not each.is_symlink() and each.stat().st_size < LARGEST:
                yield each.relative_to(path).as_posix(), each.read_bytes()
    elif path.stat().st_size > LARGEST:
        raise ValueError(path)
    elif path.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and info.file_size < LARGEST:
                    name = info.filename if path.suffix == ".whl" else info.filename.partition("/")[2]
                    yield name, archive.read(info)
    else:
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() and member.size < LARGEST else None
                if content is not None:
                    yield member.name.partition("/")[2], content.read()


def _is_aside(file: str, is_wheel: bool) -> bool:
    *folders, name = file.split("/")
    if any(folder in ASIDE or folder.startswith(".") for folder in folders) or name.startswith("test_"):
        return True
    return not is_wheel and name in BUILD_FILES


def _linked_outside(files: Mapping[str, bytes]) -> Iterator[str]:
    """Libraries that something in a wheel is linked with, and that neither it nor slim has."""
    found = {file: about for file, data in files.items() if (about := linked(data)) is not None}
    brought = {posixpath.basename(file) for file in found} | {about.name for about in found.values() if about.name}
    for needed in sorted({each for about in found.values() for each in about.needed} - brought):
        match = LIBRARY_FILE.fullmatch(needed)
        plain = match["name"] if match is not None else needed
        if plain not in slim_libraries() and not needed.startswith(("ld-linux", "libpython3")):
            yield needed


def _links(files: Mapping[str, bytes]) -> Iterator[str]:
    for file, data in files.items():
        if posixpath.basename(file) in BUILD_SCRIPTS and not _is_aside(file, is_wheel=True):
            lines = data.decode("utf-8", "replace").split("\n")
            text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
            yield from (f"{file} has {sign.strip()}" for sign in LINKS.findall(text))


def _requires(files: Mapping[str, bytes], is_wheel: bool) -> frozenset[str] | None:
    """What it requires on Linux without extras; None where that is computed."""
    for file, data in files.items():
        is_metadata = file.endswith(".dist-info/METADATA") if is_wheel else file == "PKG-INFO"
        if is_metadata and (is_wheel or b"Requires-Dist" in data):
            message = email.parser.Parser().parsestr(data.decode("utf-8", "replace"))
            return _names(message.get_all("Requires-Dist") or [])
    texts = {name: files[name].decode("utf-8", "replace") for name in BUILD_SCRIPTS if name in files}
    return _declared(texts)


def _declared(texts: Mapping[str, str]) -> frozenset[str] | None:
    try:
        project: dict[str, Any] = tomllib.loads(texts.get("pyproject.toml", ""))
    except tomllib.TOMLDecodeError:
        return None
    table = project.get("project", {})
    if "name" in table and "dependencies" not in table.get("dynamic", ()):
        return _names(table.get("dependencies", ()))
    poetry = project.get("tool", {}).get("poetry", {})
    if "dependencies" in poetry:
        wanted = poetry["dependencies"].items()
        names = (name for name, value in wanted if not (isinstance(value, dict) and value.get("optional")))
        return frozenset(normalize(name) for name in names) - {"python"}
    settings = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        settings.read_string(texts.get("setup.cfg", ""))
    except configparser.Error:
        return None
    if settings.has_option("options", "install_requires"):
        return _names(settings.get("options", "install_requires").split("\n"))
    return _asked_in_setup(texts.get("setup.py", ""))


def _asked_in_setup(text: str) -> frozenset[str] | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    values = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for word in node.keywords if isinstance(node, ast.Call) else ():
            if word.arg == "install_requires":
                value = values.get(word.value.id) if isinstance(word.value, ast.Name) else word.value
                try:
                    listed = ast.literal_eval(value) if value is not None else None
                except (ValueError, TypeError, SyntaxError):
                    return None
                return _names(listed) if isinstance(listed, (list, tuple)) else None
            if word.arg is None:
                return None
    return frozenset() if "setup(" in text else None


def _names(requirements: Iterable[object]) -> frozenset[str] | None:
    found: set[str] = set()
    for text in requirements:
        if not str(text).strip() or str(text).lstrip().startswith("#"):
            continue
        try:
            parsed = Requirement(str(text).strip())
        except InvalidRequirement:
            return None
        if parsed.marker is None or any(parsed.marker.evaluate(environment) for environment in ENVIRONMENTS):
            found.add(normalize(parsed.name))
    return frozenset(found)
