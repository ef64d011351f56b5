"""`python -m digestor` and the `digestor` command."""

from digestor.cli import main

if __name__ == "__main__":
    main()
