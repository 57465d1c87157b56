"""What a Python image needs of the system once building is over: libraries and programs, as packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.case import Case, Options
from dockerslim.dockerfile import Span
from dockerslim.images.image import Image
from dockerslim.languages.system_packages import Distribution, purpose
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.python.outside import NamedPrograms
from dockerslim.split.python.program import StartedPrograms, facts_of, facts_of_source
from dockerslim.split.python.purpose import PythonStage, SystemPackage
from dockerslim.split.refused import Refused, refuse_unknown

RELEASE_HELP = "name the release in the image's tag, such as `-bookworm`"
FROM_COMPILERS = ("libgomp1",)
"""Libraries of Debian that compilers bring, and that wheels look for."""
GIT_USERS = frozenset({"gitpython", "dulwich", "dvc", "mlflow", "pre-commit", "versioneer", "setuptools-scm"})


@dataclass(frozen=True, slots=True)
class RuntimePackages:
    """The packages that replace those of the author's build; `is_lean`: nothing is lost without recommended ones."""

    names: tuple[str, ...]
    is_lean: bool = True


def dropped_packages(packages: Sequence[SystemPackage], image: Image) -> tuple[SystemPackage, ...]:
    """The author's packages that are for building only."""
    return tuple(p for p in packages if purpose(p.name, _distribution(image), image.release).kind == "build")


def replaced_packages(packages: Sequence[SystemPackage], image: Image, *, keeps_git: bool) -> RuntimePackages:
    """What stays of the author's packages once building is over. Raises Refused where a release is not known."""
    names: dict[str, None] = {}
    is_lean = True
    for package in packages:
        what = purpose(package.name, _distribution(image), image.release)
        if what.uncertain and keeps_git and what.package in ("git", "git-core"):
            names["git"] = None
            continue
        if what.runtime_packages is None:
            raise Refused(
                package.span,
                f"what `{package.name}` leaves for the run time is not known on this release",
                RELEASE_HELP if image.release is None else "move to a newer release",
            )
        is_lean = is_lean and (package.is_lean or what.kind == "build" or not what.runtime_packages)
        names.update(dict.fromkeys(what.runtime_packages))
    return RuntimePackages(tuple(names), is_lean)


def _distribution(image: Image) -> Distribution:
    return "alpine" if image.distribution == "alpine" else "debian"


def library_packages(options: Options, stage: PythonStage, image: Image, span: Span) -> tuple[str, ...]:
    """What the installed distributions need and a slim image lacks. Raises Refused for one that is not known."""
    from dockerslim.languages.python.distributions import survey

    found = survey(stage.distributions, image.release)
    if found.refused:
        name, reason = found.refused[0]
        raise Refused(
            _place(stage, name, span), f"`{name}` can't be moved to a slim image: {reason}", "split the file by hand"
        )
    unknown = [name for name in found.unknown if not (name in stage.wheels and _is_unlisted(name, image.release))]
    if unknown:
        refuse_unknown(options, _unknown_libraries(unknown, image.release, _place(stage, unknown[0], span)))
    return found.packages


def _is_unlisted(name: str, release: str | None) -> bool:
    from dockerslim.languages.python.distributions import native_needs

    return native_needs(name, (), release).kind == "unknown"


def _unknown_libraries(names: Sequence[str], release: str | None, span: Span) -> Refused:
    """Named in a table with names that differ between releases, or in no table at all."""
    unlisted = [name for name in names if _is_unlisted(name, release)]
    shown = ", ".join(f"`{name}`" for name in (unlisted or names)[:3])
    more = f" and {len(unlisted or names) - 3} more" if len(unlisted or names) > 3 else ""
    verb = "need" if len(unlisted or names) > 1 else "needs"
    if not unlisted:
        return Refused(span, f"which packages {shown}{more} {verb} depends on the release", RELEASE_HELP)
    return Refused(
        span,
        f"which libraries {shown}{more} {verb} of the full image is not known",
        "start from the slim image, and install what is needed in a RUN of this file",
    )


def compiler_libraries(stage: PythonStage, image: Image) -> tuple[str, ...]:
    """Libraries that came with a compiler, and that an installed distribution is known to look for."""
    from dockerslim.languages.python.distributions import survey

    if image.distribution == "alpine":
        return ()
    return tuple(name for name in survey(stage.distributions, image.release).packages if name in FROM_COMPILERS)


def _place(stage: PythonStage, name: str, span: Span) -> Span:
    """The command that installs a distribution, the first that installs any where none names it."""
    installs = [install for install in stage.installs if install.distributions]
    own = [install for install in installs if any(_is_same(name, other) for other in install.distributions)]
    command = next((install.command for install in (*own, *installs)), None)
    return command.script.span(command.command.start, command.command.end) if command is not None else span


def _is_same(name: str, other: str) -> bool:
    """Are they names of one distribution, with whatever extras?"""
    from packaging.utils import canonicalize_name

    return canonicalize_name(name.partition("[")[0]) == canonicalize_name(other.partition("[")[0])


def check_package_manager(case: Case, packages: Sequence[str], span: Span) -> None:
    """Raises Refused where packages are needed and the image that the person named may not install them."""
    known = case.catalogue.lookup(case.options.program_runtime)
    if packages and (known is None or known.package_manager != "apt"):
        raise Refused(
            span,
            f"the program needs `{packages[0]}`, which `{case.options.program_runtime}` may not have",
            "name an image of Debian",
        )


def standard_library(case: Case, programs: StartedPrograms, image: Image, span: Span) -> tuple[str, ...]:
    """Packages for modules of the standard library whose library, or table of media types, a slim image lacks."""
    from dockerslim.languages.python.distributions import standard_library_packages

    facts = facts_of(case, programs)
    found = standard_library_packages(facts.standard_library if facts is not None else (), image.release)
    if found is None:
        raise Refused(
            span, "the library of a module of the standard library is not known on this release", RELEASE_HELP
        )
    if facts_of_source(case, programs).guesses_media_types:
        return (*found, _media_types(image))
    return found


def _media_types(image: Image) -> str:
    """The package of /etc/mime.types, which the full image has: without it some files get another media type."""
    return "mime-support" if image.release in ("stretch", "buster") else "media-types"


def uses_git(stage: PythonStage, named: NamedPrograms) -> bool:
    """May the program run git, itself or through a distribution?"""
    installed = {name.partition("[")[0].lower() for name in stage.distributions}
    return "git" in named.names or named.computed is not None or bool(installed & GIT_USERS)


def program_packages(options: Options, named: NamedPrograms, span: Span) -> tuple[str, ...]:
    """The packages that bring back programs of the full image. Raises Refused for one that can't be known."""
    if named.computed is not None:
        refused = Refused(
            span,
            f"the program runs another one that is computed ({named.computed})",
            "start from the slim image, and install what is needed in a RUN of this file",
        )
        refuse_unknown(options, refused)
    packages = full_image_programs().packages
    return tuple(dict.fromkeys(packages[name] for name in sorted(named.names) if name in packages))
