"""The command `vigil`: it acts on a home's store directly, or speaks to a server."""

import sys


def main() -> None:
    """Run the command line; exit 0 done, 1 refused or failed, 2 usage."""
    from console.cli.commands import run

    sys.exit(run(sys.argv[1:]))
