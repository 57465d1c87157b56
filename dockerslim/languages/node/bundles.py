"""Bundlers that scripts of package.json run: from which files they make which output."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.output_map import Bundled, option_of
from dockerslim.languages.node.package_runners import RUNNERS, ProgramRun, read_run
from dockerslim.languages.node.paths import inside, is_below, parent
from dockerslim.languages.node.script_text import parse_script
from dockerslim.languages.node.syntax import pairs_of, parse_source, string_value, walk

_SIZE_LIMIT = 100_000
_ENTRY_KEYS = ("entry", "entryPoints", "input")
_OUTPUT_KEYS = ("outDir", "outdir", "outfile", "path", "dir", "file")
_KEEPS_PACKAGES = ("external", "packages", "ssr", "noExternal")
"""Keys of a configuration by which packages may stay outside of the bundle."""
_SUFFIXES = ("", ".ts", ".js", ".mts", ".mjs", ".tsx", "/index.ts", "/index.js")


@dataclass(frozen=True, slots=True)
class Bundle:
    """`sources` and `output`, a file or a folder, are relative to the context."""

    sources: tuple[str, ...]
    output: str
    bundles: Bundled
    is_program: bool = False
    """Bun's `--compile`: the output is a program with all that it loads, and runs without Bun."""
    target: str = ""
    """What Bun's `--target` says."""

    def makes(self, entry: str) -> bool:
        """Is the entry file this output, or in it?"""
        return is_below(entry, self.output) or posixpath.splitext(self.output)[0] == entry


@dataclass(frozen=True, slots=True)
class _Bundler:
    """How a bundler is told; `default` is what it reads where nothing is said."""

    configurations: tuple[str, ...] = ()
    bundles: Bundled = "none"
    default: str = ""
    output: str = "dist"
    output_options: tuple[str, ...] = ()
    words: int = 1
    """So many words come before the entry files."""
    names_entries: bool = True
    """Are words of the command entry files?"""


_BUNDLERS = {
    "esbuild": _Bundler((), "all", output_options=("--outfile", "--outdir")),
    "tsup": _Bundler(
        ("tsup.config.ts", "tsup.config.js", "tsup.config.mjs", "tsup.config.cjs"),
        "development",
        "src/index.ts",
        output_options=("-d", "--out-dir"),
    ),
    "tsdown": _Bundler(
        ("tsdown.config.ts", "tsdown.config.js", "tsdown.config.mjs"),
        "development",
        "src/index.ts",
        output_options=("-d", "--out-dir"),
    ),
    "ncc": _Bundler((), "all", output_options=("-o", "--out"), words=2),
    "webpack": _Bundler(
        ("webpack.config.js", "webpack.config.cjs", "webpack.config.mjs", "webpack.config.ts"),
        "all",
        "src/index.js",
        output_options=("-o", "--output-path"),
        names_entries=False,
    ),
    "rollup": _Bundler(
        ("rollup.config.js", "rollup.config.mjs", "rollup.config.ts", "rollup.config.cjs"),
        output_options=("-d", "--dir", "-o", "--file"),
    ),
    "bun": _Bundler((), "all", output_options=("--outdir", "--outfile"), words=2),
    "vite": _Bundler((), "none", output_options=("--outDir",), words=2),
}


def find_bundle(context: BuildContext, folder: str, manifest: Manifest, entry: str) -> Bundle | None:
    """The bundle that a script makes and that the entry file is of; None where no script explains it."""
    for text in manifest.scripts.values():
        for command in parse_script(text).commands:
            for bundle in _bundles_of(context, folder, manifest, command.words):
                if bundle.sources and bundle.makes(entry) and entry not in bundle.sources:
                    return bundle
    return None


def _bundles_of(context: BuildContext, folder: str, manifest: Manifest, words: tuple[str, ...]) -> Iterator[Bundle]:
    if words and words[0] in RUNNERS and words[:2] != ("bun", "build"):
        run = read_run(words, manifest.scripts)
        words = run.argv if isinstance(run, ProgramRun) else words
    if not words:
        return
    program = {"webpack-cli": "webpack"}.get(words[0].rsplit("/", 1)[-1], words[0].rsplit("/", 1)[-1])
    if program == "node" and len(words) == 2:
        yield from _of_build_file(context, folder, words[1])
    bundler = _BUNDLERS.get(program)
    if bundler is None or (program == "vite" and option_of(words, "--ssr") is None):
        return
    named = _named(context, folder, bundler, words)
    output = option_of(words, *bundler.output_options)
    configuration = option_of(words, "-c", "--config")
    names = (configuration,) if configuration else bundler.configurations
    path = next((p for name in names if (p := inside(folder, name)) is not None and context.is_file(p)), None)
    sources, told, text = _configured(context, folder, path) if path is not None else ((), None, "")
    default = inside(folder, bundler.default) if bundler.default else None
    target = inside(folder, output or told or bundler.output)
    keeps = any(word.lstrip("-").startswith(("external", "packages")) for word in words)
    keeps = keeps or any(key in text for key in _KEEPS_PACKAGES)
    found = named or sources or ((default,) if default is not None and context.is_file(default) else ())
    if target is not None and "*" not in target:
        is_program = words[:2] == ("bun", "build") and "--compile" in words
        platform = option_of(words, "--target") or ""
        yield Bundle(found, target, "none" if keeps else bundler.bundles, is_program, platform)


def _named(context: BuildContext, folder: str, bundler: _Bundler, words: Sequence[str]) -> tuple[str, ...]:
    """The entry files on the command line; a value of an option is none."""
    if not bundler.names_entries:
        return ()
    found: list[str] = []
    for before, word in zip(words[bundler.words - 1 :], words[bundler.words :], strict=False):
        path = _source(context, folder, word) if not word.startswith("-") else None
        if path is not None and before not in ("-c", "--config", *bundler.output_options, "--tsconfig"):
            found.append(path)
    ssr = option_of(tuple(words), "--ssr")
    path = _source(context, folder, ssr) if ssr else None
    return (path,) if path is not None else tuple(found)


def _source(context: BuildContext, folder: str, name: str) -> str | None:
    path = inside(folder, name)
    if not path:
        return None
    return next((path + suffix for suffix in _SUFFIXES if context.is_file(path + suffix)), None)


def _of_build_file(context: BuildContext, folder: str, name: str) -> Iterator[Bundle]:
    """`node esbuild.mjs`: a script of the project that calls a bundler."""
    path = inside(folder, name)
    text = context.read_text(path) if path is not None and context.is_file(path) else None
    if path is None or text is None or "esbuild" not in text or len(text) > _SIZE_LIMIT:
        return
    sources, told, _ = _configured(context, folder, path)
    target = inside(folder, told) if told else None
    if target is not None:
        keeps = any(key in text for key in (*_KEEPS_PACKAGES, "plugins"))
        yield Bundle(sources, target, "none" if keeps else "all")


def _configured(context: BuildContext, folder: str, path: str) -> tuple[tuple[str, ...], str | None, str]:
    """The entry files and the output that a configuration names, and its text."""
    text = context.read_text(path) or ""
    if len(text) > _SIZE_LIMIT:
        return (), None, text
    sources: dict[str, None] = {}
    output: str | None = None
    for node in walk(parse_source(path, text)):
        pairs = pairs_of(node) if node.type == "object" else {}
        for key in _ENTRY_KEYS:
            for part in walk(pairs.get(key)):
                named = string_value(part)
                file = _source(context, folder, named) or _source(context, parent(path), named) if named else None
                if file is not None:
                    sources[file] = None
        for key in _OUTPUT_KEYS:
            strings = [value for part in walk(pairs.get(key)) if (value := string_value(part))]
            if strings and output is None and not strings[-1].startswith("/"):
                output = strings[-1]
    return tuple(sources), output, text
