"""What base images hold, and what a stage's image is after each instruction."""
