"""`python -m dockerslim`."""

from dockerslim.cli import main

if __name__ == "__main__":
    main()
