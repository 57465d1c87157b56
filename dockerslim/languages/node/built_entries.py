"""Entry files that a build makes of many sources: which sources, where no compiler maps one file to one."""

from __future__ import annotations

from dockerslim.languages.node.bundles import find_bundle
from dockerslim.languages.node.frameworks import Framework, framework_of, framework_sources
from dockerslim.languages.node.output_map import OutputMap
from dockerslim.languages.node.owners import Owner
from dockerslim.languages.node.paths import parent
from dockerslim.languages.node.project import NodeProject


def built_entry(project: NodeProject, owner: Owner, entry: str) -> tuple[tuple[str, ...], OutputMap] | None:
    """The sources of an entry file that isn't in the context, and what became of them; None where nothing is known."""
    framework = framework_of(project, owner.manifest, entry)
    if framework is not None:
        return built_framework(project, framework, parent(entry))
    bundle = find_bundle(project.context, owner.folder, owner.manifest, entry)
    if bundle is not None:
        output = bundle.output if bundle.output != entry else parent(bundle.output)
        # What a program reads beside its source is in it.
        return bundle.sources, OutputMap(owner.folder, output, bundle.is_program, bundle.bundles)
    return None


def built_framework(project: NodeProject, framework: Framework, folder: str) -> tuple[tuple[str, ...], OutputMap]:
    """The same for the server of a framework; `folder` is where its output lies."""
    sources = framework_sources(project, framework)
    return sources, OutputMap(project.folder, folder, False, framework.bundles, framework.imports)
