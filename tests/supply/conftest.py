import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    # Known only when this folder is named on the command line.
    parser.addoption(
        "--write-licences", action="store_true", help="write docs/licences.md instead of comparing"
    )
