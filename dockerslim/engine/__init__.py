"""The transform contract, the registry, the runner with its three proofs, and results."""
