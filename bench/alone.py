"""`python -m bench.lookup` is `sparr bench lookup`."""

import sys
from pathlib import Path


def main(file: str) -> None:
    """Run the benchmark of this file with the options of the command line."""
    from app.cli import main as command  # noqa: PLC0415 - only what is run alone needs the command line

    command(["bench", Path(file).stem, *sys.argv[1:]])
