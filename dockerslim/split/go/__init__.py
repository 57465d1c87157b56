"""Go: what a stage builds, where it can run, what must travel with it."""
