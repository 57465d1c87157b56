"""From what a build makes back to its source: `dist/index.js` is `src/index.ts`."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import Literal

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import tools
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.languages.node.package_runners import RUNNERS, ProgramRun, read_run
from dockerslim.languages.node.paths import inside, is_below, relative_to
from dockerslim.languages.node.script_text import parse_script
from dockerslim.languages.node.syntax import SOURCE_SUFFIXES
from dockerslim.languages.node.tsconfig import TypeScriptConfig, read_tsconfig

_EXTENSIONS = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs", ".jsx": ".js"}
_SOURCES_OF = {
    ".js": (".ts", ".tsx", ".js", ".jsx"),
    ".mjs": (".mts", ".mjs"),
    ".cjs": (".cts", ".cjs"),
    "": (".ts", ".tsx", ".js", ".mts", ".cts"),
}


Bundled = Literal["none", "development", "all"]
"""Which packages a build puts into its output: `devDependencies` alone, where the others are loaded at run time."""


@dataclass(frozen=True, slots=True)
class OutputMap:
    """A compiler that turns each file below one folder into one below another."""

    source_folder: str
    output_folder: str
    is_exact: bool = True
    """False where a bundler may put several files into one: `__dirname` is then not known."""
    bundles: Bundled = "none"
    virtual: tuple[str, ...] | None = None
    """Set where every source file of the project is known to be in it: what imports begin with that only the build can
    resolve."""

    def to_output(self, path: str) -> str:
        """Where a source file lies when it runs."""
        if not is_below(path, self.source_folder) or self.source_folder == self.output_folder == "":
            return path
        stem, extension = posixpath.splitext(relative_to(path, self.source_folder))
        moved = posixpath.join(self.output_folder, stem + _EXTENSIONS.get(extension, extension))
        return moved if not is_below(path, self.output_folder) or self.output_folder == "" else path

    def to_source(self, context: BuildContext, path: str) -> str | None:
        """The source file of an output; None where there is none."""
        if not is_below(path, self.output_folder):
            return None
        stem, extension = posixpath.splitext(posixpath.join(self.source_folder, relative_to(path, self.output_folder)))
        if extension not in _SOURCES_OF:
            stem, extension = stem + extension, ""
        for base in (stem, posixpath.join(stem, "index")) if extension == "" else (stem,):
            for suffix in _SOURCES_OF[extension]:
                if context.is_file(base + suffix):
                    return base + suffix
        return None


def find_output_map(context: BuildContext, folder: str, manifest: Manifest, entry: str) -> tuple[str, OutputMap] | None:
    """The source of an entry file and the map that leads to it; None where no compiler of the scripts explains it."""
    for candidate in _maps(context, folder, manifest):
        source = candidate.to_source(context, entry)
        if source is not None and not is_below(source, candidate.output_folder or "\0"):
            return source, candidate
    return None


def _maps(context: BuildContext, folder: str, manifest: Manifest) -> list[OutputMap]:
    found: list[OutputMap] = []
    for text in manifest.scripts.values():
        for command in parse_script(text).commands:
            found += _maps_of_command(context, folder, manifest, command.words)
    if not found:
        is_exact = not any(_bundles(text) for text in manifest.scripts.values())
        for config in _default_configs(context, folder):
            found += [replace(item, is_exact=is_exact) for item in _maps_of_config(config, folder)]
    return list(dict.fromkeys(found))


def _bundles(text: str) -> bool:
    return any(tools.classify(command.words or ("",)) == "build" for command in parse_script(text).commands)


def _maps_of_command(context: BuildContext, folder: str, manifest: Manifest, words: tuple[str, ...]) -> list[OutputMap]:
    if words and words[0] in RUNNERS:
        run = read_run(words, manifest.scripts)
        words = run.argv if isinstance(run, ProgramRun) else words
    if not words:
        return []
    program = words[0].rsplit("/", 1)[-1]
    if program in ("tsc", "ttsc", "tspc"):
        named = option_of(words, "-p", "--project", "-b", "--build")
        configs = [named] if named else ["tsconfig.json"]
        output = option_of(words, "--outDir", "--outdir")
        return _maps_of_configs(context, folder, configs, output)
    if program == "nest":
        return _maps_of_configs(context, folder, ["tsconfig.build.json", "tsconfig.json"], None)
    if program in ("babel", "swc"):
        output = option_of(words, "-d", "--out-dir", "--outDir")
        source = read_node_arguments(words[1:]).file
        target = inside(folder, output) if output else None
        origin = inside(folder, source) if source else None
        if target is None or origin is None:
            return []
        keeps_folder = program == "swc" and "--strip-leading-paths" not in words
        maps = [OutputMap(origin, target)]
        return [OutputMap(folder, target), *maps] if keeps_folder else maps
    return []


def _maps_of_configs(context: BuildContext, folder: str, names: list[str], output: str | None) -> list[OutputMap]:
    for name in names:
        path = inside(folder, name)
        if path is not None and not context.is_file(path):
            path = inside(path, "tsconfig.json")
        config = read_tsconfig(context, path) if path is not None else None
        if config is not None:
            target = inside(folder, output) if output else config.output_folder
            return _maps_of_config(config, folder, target)
    return []


def _maps_of_config(config: TypeScriptConfig, folder: str, output: str | None = None) -> list[OutputMap]:
    target = output if output is not None else config.output_folder
    if target is None:
        return [OutputMap(folder, folder)]
    sources = [config.root_folder, inside(folder, "src"), folder]
    return [OutputMap(source, target) for source in dict.fromkeys(sources) if source is not None]


def _default_configs(context: BuildContext, folder: str) -> list[TypeScriptConfig]:
    path = inside(folder, "tsconfig.json")
    config = read_tsconfig(context, path) if path is not None else None
    return [config] if config is not None and config.output_folder is not None else []


def option_of(words: tuple[str, ...], *names: str) -> str | None:
    """The value of the first of these options that is given."""
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            if equals:
                return value
            return words[index + 1] if index + 1 < len(words) and not words[index + 1].startswith("-") else None
    return None


def is_source(path: str) -> bool:
    """A file that can be parsed."""
    return path.endswith(SOURCE_SUFFIXES) and not path.endswith((".d.ts", ".d.mts", ".d.cts", ".min.js"))
