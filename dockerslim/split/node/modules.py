"""Whether a stage does no more than fill node_modules before the source is copied."""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import NodeProject
from dockerslim.languages.node.lifecycle_scripts import LIFECYCLE_SCRIPTS
from dockerslim.languages.node.yarn_settings import yarn_linker
from dockerslim.split.node.layout import lands_in
from dockerslim.split.node.purpose import NodeStage
from dockerslim.split.order import brought_files

WRITES_MODULES = ("husky", "prisma generate", "npx prisma generate", "patch-package", "npx patch-package", "is-ci")
"""What lifecycle scripts begin with that write nowhere else."""


def only_fills_modules(case: Case, stage: Stage, found: NodeStage, project: NodeProject, folder: str) -> bool:
    """True where node_modules is all that must leave the build stage, and is surely there."""
    if (
        project.manager == "yarn-berry"
        and yarn_linker(project.context, project.folder, project.manifest) != "node_modules"
    ):
        return False
    if found.builds or found.changes or project.workspaces or not project.manifest.dependencies:
        return False
    if any(install.folder != folder or not install.install.of_project for install in found.installs):
        return False
    scripts = [project.manifest.scripts[name] for name in LIFECYCLE_SCRIPTS if name in project.manifest.scripts]
    if any(not text.strip().startswith(WRITES_MODULES) or "&" in text or ";" in text for text in scripts):
        return False
    return _copies_manifests_first(case, stage, found, project, folder)


def _copies_manifests_first(case: Case, stage: Stage, found: NodeStage, project: NodeProject, folder: str) -> bool:
    """Does no COPY bring source before the install?"""
    if project.install_files is None:
        return False
    wanted = set(project.install_files)
    for inner in project.install_folders:
        wanted.update(project.context.under(inner))
    last = max(install.instruction.span.start for install in found.installs)
    for instruction in stage.all("COPY", "ADD"):
        if instruction.span.start > last or not lands_in(case, stage, instruction, folder):
            continue
        brought = brought_files(case, stage, instruction)
        if instruction.flag("from") or brought is None or brought - wanted:
            return False
    return True
