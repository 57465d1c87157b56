"""What came of verifications, as text: for a terminal, for a pull request, for programs."""
