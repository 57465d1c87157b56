"""The container engine: Docker or Podman, and the removal of all that was made in it."""
