"""Node: what a stage installs and builds, what of it the runtime stage needs."""
