"""The folders that a build script writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerslim.languages.node import tools
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.languages.node.output_map import option_of
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.scripts import resolve_script
from dockerslim.languages.node.syntax import pairs_of, parse_source, string_value, walk
from dockerslim.languages.node.tsconfig import read_tsconfig


@dataclass(frozen=True, slots=True)
class BuildOutputs:
    """`folders` are relative to the context; `known` False: there may be others, and `reason` says why."""

    folders: tuple[str, ...] = ()
    known: bool = True
    reason: str = ""


def build_script_outputs(project: NodeProject, script: str) -> BuildOutputs:
    """What the script `script` of package.json writes, hooks included."""
    if script not in project.manifest.scripts:
        return BuildOutputs((), False, f"there is no script `{script}`")
    command = resolve_script(project, script)
    folders: dict[str, None] = {}
    reasons = [item.text for item in command.unknown]
    if ">" in command.needs_shell_features:
        reasons.append("it redirects into a file")
    for argv in command.programs:
        written = _written_by(project, argv)
        if written is None:
            reasons.append(f"what `{argv[0]}` writes is not known")
        else:
            folders.update(dict.fromkeys(written))
    return BuildOutputs(tuple(folders), not reasons, reasons[0] if reasons else "")


_WRITES_NOTHING = frozenset(
    {"echo", "true", "exit", "sleep", "rm", "rimraf", "del-cli", "eslint", "prettier", "jest", "mocha", "vitest", "ava"}
    | {"nyc", "c8", "test", "[", "export", "set", "date", "printf", "pwd", "which", "ls", "cat", "cd"}
    | {"tsc-alias", "is-ci", "husky", "biome", "oxlint", "stylelint", "svelte-check"}
)


def _written_by(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """The folders that one program writes; None where they aren't known."""
    program = argv[0]
    if program in _WRITES_NOTHING:
        return ()
    if program == "prisma":
        return () if argv[1:2] in (("generate",), ("validate",), ("format",)) else None
    reader = _READERS.get(program)
    if reader is not None:
        return reader(project, argv)
    return None


def _typescript(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    if not {"--noEmit", "--noemit"}.isdisjoint(argv):
        return ()
    named = option_of(argv, "--outDir", "--outdir")
    if named is not None:
        return _folder(project, named)
    config_name = option_of(argv, "-p", "--project", "-b", "--build") or "tsconfig.json"
    path = inside(project.folder, config_name)
    if path is not None and not project.context.is_file(path):
        path = inside(path, "tsconfig.json")
    config = read_tsconfig(project.context, path) if path is not None else None
    if config is None or (config.emits and config.output_folder is None):
        return None
    return (config.output_folder,) if config.emits and config.output_folder is not None else ()


def _vue_tsc(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    config = read_tsconfig(project.context, inside(project.folder, "tsconfig.json") or "")
    return () if "--noEmit" in argv or (config is not None and not config.emits) else None


def _nest(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    settings = inside(project.folder, "nest-cli.json")
    text = project.context.read_text(settings) if settings is not None else None
    if text is not None and ('"webpack"' in text or '"projects"' in text or '"builder"' in text):
        return None
    for name in ("tsconfig.build.json", "tsconfig.json"):
        config = read_tsconfig(project.context, inside(project.folder, name) or name)
        if config is not None and config.output_folder is not None:
            return (config.output_folder,)
    return None


def _configured(
    default: str, option: tuple[str, ...], files: tuple[str, ...], key: str, first: tuple[str, ...] = ("build",)
) -> Callable[[NodeProject, tuple[str, ...]], tuple[str, ...] | None]:
    """A tool that writes `default`, or what an option or a member `key` of its configuration says."""

    def read(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
        if first and argv[1:2] not in tuple((word,) for word in first):
            return None
        named = option_of(argv, *option) if option else None
        if named is not None:
            return _folder(project, named)
        for name in files:
            path = inside(project.folder, name)
            if path is not None and project.context.is_file(path):
                return _from_configuration(project, path, key, default)
        return _folder(project, default)

    return read


def _from_configuration(project: NodeProject, path: str, key: str, default: str) -> tuple[str, ...] | None:
    text = project.context.read_text(path)
    if text is None:
        return None
    if not key or key not in text:
        return _folder(project, default)
    for node in walk(parse_source(path, text)):
        value = pairs_of(node).get(key) if node.type == "object" else None
        if value is not None:
            literal = string_value(value)
            return _folder(project, literal) if literal is not None else None
    return None  # the member is there in some other way


def _next(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    if argv[1:2] != ("build",):
        return None
    for name in ("next.config.js", "next.config.mjs", "next.config.cjs", "next.config.ts"):
        path = inside(project.folder, name)
        text = project.context.read_text(path) if path is not None else None
        if path is None or text is None:
            continue
        if "distDir" in text:
            return _from_configuration(project, path, "distDir", ".next")
        is_export = any(
            string_value(pairs_of(node).get("output")) == "export"
            for node in walk(parse_source(path, text))
            if node.type == "object"
        )
        return tuple(f"{project.folder}/{name}".lstrip("/") for name in (".next", *(("out",) if is_export else ())))
    return _folder(project, ".next")


def _option_only(
    *names: str, is_file: bool = False
) -> Callable[[NodeProject, tuple[str, ...]], tuple[str, ...] | None]:
    """A tool whose output is known where an option says it."""

    def read(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
        named = option_of(argv, *names)
        return _folder(project, named.rpartition("/")[0] if is_file else named) if named else None

    return read


def _esbuild(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    folder, file = option_of(argv, "--outdir"), option_of(argv, "--outfile")
    if folder is None and file is None:
        return None
    return _folder(project, folder if folder is not None else (file or "").rpartition("/")[0])


def _copy(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """cp, mv, cpx, copyfiles: the last word is where to."""
    words = [word for word in argv[1:] if not word.startswith("-")]
    return _folder(project, words[-1]) if len(words) >= 2 else None


def _make(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    found = [_folder(project, word) for word in argv[1:] if not word.startswith("-")]
    return None if None in found else tuple(path for paths in found for path in paths or ())


def _node_file(project: NodeProject, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """A script of the project: what it writes, if its source says all of it."""
    file = read_node_arguments(argv[1:]).file
    path = inside(project.folder, file) if file is not None else None
    if path is None or not project.context.is_file(path):
        return None
    source = project.sources.read(path)
    unknown = source.unknown_writes or source.unresolved or source.programs or source.unknown_programs
    if unknown or any(item.specifier.startswith(".") for item in source.imports) or source.loaded_files:
        return None
    if not all(item.specifier.removeprefix("node:") in ("fs", "path", "url", "fs/promises") for item in source.imports):
        return None
    found: list[str] = []
    for use in source.writes:
        place = inside(project.folder, use.path) if use.kind == "cwd" else use.path
        if place is None or use.kind == "absolute":
            return None
        found.append(place)
    return tuple(found)


def _folder(project: NodeProject, path: str) -> tuple[str, ...] | None:
    """None where the path leads out of the context."""
    place = inside(project.folder, path or ".")
    if place is None:
        return None
    return (place,) if place else ()


_VITE = ("vite.config.js", "vite.config.mjs", "vite.config.cjs", "vite.config.ts", "vite.config.mts")
_VUE = ("vue.config.js", "vue.config.cjs", "vue.config.mjs", "vue.config.ts")
_ASTRO = ("astro.config.mjs", "astro.config.js", "astro.config.ts", "astro.config.cjs")
_TSUP = ("tsup.config.ts", "tsup.config.js", "tsup.config.cjs", "tsup.config.mjs")

_READERS: dict[str, Callable[[NodeProject, tuple[str, ...]], tuple[str, ...] | None]] = {
    "tsc": _typescript,
    "vue-tsc": _vue_tsc,
    "nest": _nest,
    "next": _next,
    "vite": _configured("dist", ("--outDir",), _VITE, "outDir"),
    "vue-cli-service": _configured("dist", ("--dest",), _VUE, "outputDir"),
    "astro": _configured("dist", ("--outDir",), _ASTRO, "outDir"),
    "tsup": _configured("dist", ("-d", "--out-dir"), _TSUP, "outDir", ()),
    "react-scripts": _configured("build", (), (), ""),
    "craco": _configured("build", (), (), ""),
    "gatsby": _configured("public", (), (), ""),
    "nuxt": _configured(".output", (), (), ""),
    "nuxi": _configured(".output", (), (), ""),
    "remix": _configured("build", (), (), ""),
    "react-router": _configured("build", (), (), ""),
    "babel": _option_only("-d", "--out-dir"),
    "swc": _option_only("-d", "--out-dir"),
    "esbuild": _esbuild,
    "cp": _copy,
    "mv": _copy,
    "cpx": _copy,
    "copyfiles": _copy,
    "mkdir": _make,
    "mkdirp": _make,
    "node": _node_file,
}


def is_build_script(project: NodeProject, script: str) -> bool:
    """Does it run a program that builds?"""
    return any(tools.classify(argv) == "build" for argv in resolve_script(project, script).programs)
