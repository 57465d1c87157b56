"""One detector a language: evidence in a build context becomes project facts."""
