"""Two observations against each other."""
