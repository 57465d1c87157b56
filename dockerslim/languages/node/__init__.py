"""Node: package.json, lock files, scripts and source become facts about a project."""
