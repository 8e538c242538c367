from collections.abc import AsyncIterator

import pytest

from tests.api.edges.service import Service, assemble


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    assembled = assemble()
    async with assembled.client:
        yield assembled
