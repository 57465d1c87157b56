"""The build context (files, .dockerignore) and how the repository uses it (compose)."""
