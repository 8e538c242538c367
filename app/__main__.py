"""`python -m app`: the same program as `./sparr` and the container's entry point."""

from app.cli import main

main()
