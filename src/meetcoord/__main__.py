"""`meetcoord` and `python -m meetcoord`."""

from meetcoord.cli.root import program


def main() -> None:
    """Run the command line; ends the process."""
    program.main()


if __name__ == "__main__":
    main()
