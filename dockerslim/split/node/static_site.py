"""A start that serves a folder of files and nothing else: which folder, which port, and what an unknown path gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.languages.node.package_runners import RUNNERS
from dockerslim.languages.node.paths import inside
from dockerslim.split.node.start import NodeStart

PORT_OPTIONS = frozenset({"-p", "--port", "-l", "--listen"})
SWITCHES = frozenset({"-s", "--single", "-n", "--no-clipboard", "-L", "--no-request-logging", "--host", "--strictPort"})
"""Options of these servers that a page doesn't show."""
VALUED = frozenset({"--host", "-a"})
DEFAULT_PORTS = {"serve": 3000, "http-server": 8080, "hs": 8080, "vite": 4173, "sirv": 8080}


@dataclass(frozen=True, slots=True)
class StaticSite:
    """`folder` is relative to the work folder. `single`: every unknown path gets the start page.

    `clean`: `/about` gets `about.html`.
    """

    folder: str
    port: int
    single: bool
    clean: bool


def static_site(node: NodeStart, port: str | None) -> StaticSite | None:
    """None where the start is another one, or an option of it is not known; `port` is what PORT says."""
    programs = [argv for argv in node.command.programs if argv[0] not in RUNNERS]
    if len(programs) != 1 or programs[0][0] not in DEFAULT_PORTS or node.command.unknown or node.command.entry_files:
        return None
    if node.command.start_scripts:
        return None  # it may do more than its programs say
    program, words = programs[0][0], programs[0][1:]
    if program == "vite":
        if words[:1] != ("preview",):
            return None
        words = words[1:]
    read = list(_read(words))
    if any(name == "" for name, _ in read):
        return None
    named = [value for name, value in read if name == "folder"]
    ports = [value for name, value in read if name == "port"]
    given = ports[-1] if ports else port if port and program == "serve" else str(DEFAULT_PORTS[program])
    folder = inside("", named[0].rstrip("/")) if named else "dist" if program == "vite" else None
    if len(named) > 1 or not folder or not given.isdecimal() or not 0 < int(given) < 65536:
        return None
    single = program == "vite" or any(name == "single" for name, _ in read)
    return StaticSite(folder, int(given), single, program == "serve" and not single)


def _read(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """("port", "3000"), ("folder", "dist"), ("single", ""); ("", word) for what isn't known."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            yield "folder", word
        elif name in PORT_OPTIONS:
            value = value if equals else (rest.pop(0) if rest else "")
            yield "port", value.removeprefix("tcp://").rpartition(":")[2]
        elif name in ("-s", "--single"):
            yield "single", ""
        elif name in VALUED:
            if not equals and rest and not rest[0].startswith("-"):
                rest.pop(0)
        elif name not in SWITCHES:
            yield "", word
