"""Survey what Python distributions need of the system, and write the package's table of those that need nothing.

No package index of Python is asked: everything is read from files that are at hand, so that a run is cheap and can be
repeated. Each source may be left out; a run writes what the given ones say.

  1. Debian's indexes of packages, unpacked, of the releases that Python's images are built on, and dh-python's list
     of distributions (`/usr/share/dh-python/dist/cpython3_fallback` of the package dh-python of the newest one):
       apt-get update
       /usr/lib/apt/apt-helper cat-file /var/lib/apt/lists/*_bookworm_main_binary-amd64_Packages* > bookworm.packages
  2. The packages of a full image and of its slim twin, for what Debian's packages merely suggest:
       docker run --rm python:3.12 dpkg-query -W -f '${Package}\\n' > full.txt    (and python:3.12-slim > slim.txt)
  3. A checkout of Spack's recipes, and folders to look for lock files of uv, Poetry and PDM in.
  4. A folder of distributions' own files: `NAME.whl`, `NAME.tar.gz`, or a folder NAME with a checkout.

Then: python -m tests.surveys.survey_distributions --help

The report names what the hand-kept table says otherwise; each such line is for a person to look at.
"""

from __future__ import annotations

import argparse
import datetime
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from dockerslim.languages.python import surveyed_distributions
from dockerslim.languages.python.distributions import is_kept_by_hand, native_needs
from tests.surveys import debian, distribution_files, locks, spack
from tests.surveys.closure import Findings, judge
from tests.surveys.statement import Statement, normalize
from tests.surveys.surveyed_table import table

HERE = Path(__file__).parent
TARGET = Path(surveyed_distributions.__file__).with_name("surveyed_distributions.txt")
LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock")


def main() -> None:
    arguments = _arguments()
    statements = list(_statements(arguments))
    published = None
    if arguments.published is not None:
        rows = arguments.published.read_text(encoding="utf-8").split("\n")
        published = {normalize(row.partition("\t")[0]) for row in rows if row}
    doubted = tomllib.loads((HERE / "doubted.toml").read_text(encoding="utf-8"))
    found = judge(statements, is_clean_by_hand, doubted["doubted"])
    names = {
        name: kind
        for name, kind in found.listed.items()
        if not is_kept_by_hand(name) and (published is None or name in published)
    }
    _report(found, statements)
    if arguments.write:
        TARGET.write_text(table(names, datetime.date.today()), encoding="utf-8", newline="\n")
    print(f"{len(names)} listed")


def is_clean_by_hand(name: str) -> bool:
    """Does the table that is kept by hand say that a distribution needs nothing?"""
    return is_kept_by_hand(name) and native_needs(name, (), "bookworm").packages == ()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debian", nargs=2, action="append", default=[], metavar=("RELEASE", "PACKAGES"))
    parser.add_argument("--names", type=Path, help="dh-python's list of distributions")
    parser.add_argument("--full", type=Path, action="append", default=[], help="packages of a full image")
    parser.add_argument("--slim", type=Path, action="append", default=[], help="packages of a slim image")
    parser.add_argument("--spack", type=Path, help="a checkout of Spack's recipes")
    parser.add_argument("--locks", type=Path, action="append", default=[], help="a folder with lock files")
    parser.add_argument("--files", type=Path, help="a folder of distributions")
    parser.add_argument("--published", type=Path, help="names on the index, one a line; others are left out")
    parser.add_argument("--write", action="store_true", help="write the table")
    return parser.parse_args()


def _statements(arguments: argparse.Namespace) -> Iterator[Statement]:
    if arguments.names is not None:
        names = debian.distributions(arguments.names.read_text(encoding="utf-8"))
        lacking = set(_lines(arguments.full)) - set(_lines(arguments.slim))
        for release, file in arguments.debian:
            index = debian.packages(Path(file).read_text(encoding="utf-8"))
            yield from debian.statements(f"Debian {release}", index, names, lacking)
    if arguments.spack is not None:
        for recipe in sorted(arguments.spack.glob("**/packages/py_*/package.py")):
            said = spack.statement(recipe.read_text(encoding="utf-8"))
            if said is not None:
                yield said
    files = [path for folder in arguments.locks for name in LOCK_FILES for path in sorted(folder.rglob(name))]
    yield from locks.statements(path.read_text(encoding="utf-8", errors="replace") for path in files)
    for path in sorted(arguments.files.iterdir()) if arguments.files is not None else ():
        name = path.name.removesuffix(".tar.gz").removesuffix(".whl")
        said = distribution_files.statement(name, path)
        if said is not None:
            yield said


def _lines(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        yield from file.read_text(encoding="utf-8").split()


def _report(found: Findings, statements: Iterable[Statement]) -> None:
    for name, said in sorted(found.needy.items()):
        if is_clean_by_hand(name):
            print(f"by hand {name} needs nothing, but:", "; ".join(f"{each.source}: {each.why}" for each in said))
    for name in sorted(found.listed):
        if is_kept_by_hand(name) and not is_clean_by_hand(name):
            print(f"by hand {name} needs something, and no source says so")
    for name, lacking in sorted(found.held_back.items()):
        print(f"held back {name}:", ", ".join(sorted(lacking)))
    for each in statements:
        if each.source == "its files":
            print(f"file {each.name}: {each.verdict} {each.why} requires {', '.join(sorted(each.requires))}")


if __name__ == "__main__":
    main()
