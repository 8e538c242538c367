"""`./sparr test tests/exploring --examples 200` tries that many requests for each operation."""

import pytest

FEW = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", type=int, default=FEW, help="requests for each operation")


@pytest.fixture(scope="session")
def examples(pytestconfig: pytest.Config) -> int:
    # Pytest asks for options of this folder only when it is named on the command line.
    return int(pytestconfig.getoption("--examples", default=FEW))
