"""Python projects: how they are installed, what they need of the system, what their programs read and write."""

from dockerslim.languages.python.command import Command
from dockerslim.languages.python.commands import resolve_command
from dockerslim.languages.python.distributions import (
    DistributionNeeds,
    Survey,
    native_needs,
    standard_library_packages,
    survey,
)
from dockerslim.languages.python.installed import InstalledDistributions, installed_distributions
from dockerslim.languages.python.project import PythonProject, detect
from dockerslim.languages.python.requirements import Requirement, Requirements, read_requirements
from dockerslim.languages.python.source import LocatedPath, ProgramFacts, program_facts

__all__ = [
    "Command",
    "DistributionNeeds",
    "InstalledDistributions",
    "LocatedPath",
    "ProgramFacts",
    "PythonProject",
    "Requirement",
    "Requirements",
    "Survey",
    "detect",
    "installed_distributions",
    "native_needs",
    "program_facts",
    "read_requirements",
    "resolve_command",
    "standard_library_packages",
    "survey",
]
