"""Modules that a program has by accident: a manager brought them into the interpreter that both are installed in."""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.split.python.program import StartedPrograms, facts_of_source
from dockerslim.split.python.purpose import PythonStage
from dockerslim.split.refused import Refused

DISTRIBUTIONS = {"pkg_resources": "setuptools"}
"""Of modules that are not named as their distribution is."""


def check_brought_modules(case: Case, read: PythonStage, programs: StartedPrograms) -> None:
    """Raises Refused for a module that an environment of the program's own would lack."""
    for install in read.installs:
        command = install.project
        if command is None or install.target is None or install.target.kind != "interpreter":
            continue
        asked = {name.partition("[")[0] for name in install.distributions}
        imports = facts_of_source(case, programs).imports & command.manager.brings
        for module in sorted(imports):
            if DISTRIBUTIONS.get(module, module.replace("_", "-")) not in asked:
                raise Refused(
                    command.script.span(command.command.start, command.command.end),
                    f"the program imports `{module}`, which only `{command.manager.name}` brings",
                    f"add it with `{command.manager.name} add`",
                )
