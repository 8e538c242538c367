"""A page goes on where the last one ended, and nobody can begin anywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.cursors import open_cursor, seal_cursor
from app.api.problems import EdgeError
from tests.api.edges.service import Service

KEY = b"k" * 32
_VALUES = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers() | st.none(), max_size=4)


@given(_VALUES)
def test_a_cursor_gives_back_the_place_that_it_was_made_for(values: dict[str, object]) -> None:
    assert open_cursor(KEY, seal_cursor(KEY, values)) == values


@given(st.integers(0, 60), st.sampled_from("ABCabc019-_=+/ é"))
def test_a_cursor_with_one_other_character_is_refused(at: int, character: str) -> None:
    cursor = seal_cursor(KEY, {"after": "01920000-0000-7000-8000-000000000000"})
    forged = cursor[:at] + character + cursor[at + 1 :]
    if forged != cursor:
        with pytest.raises(EdgeError, match="BAD_CURSOR"):
            open_cursor(KEY, forged)


@pytest.mark.parametrize("text", ["", "A", "AAAA", "é", "A" * 5000, seal_cursor(b"other" * 8, {"after": 1})])
def test_what_no_list_of_this_deployment_gave_out_is_refused(text: str) -> None:
    with pytest.raises(EdgeError, match="BAD_CURSOR"):
        open_cursor(KEY, text)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, 100),
        ("1", 1),
        ("25", 25),
        ("0", 1),
        ("-7", 1),
        ("1000", 1000),
        ("1001", 1000),
        ("9" * 18, 1000),
    ],
)
async def test_a_limit_is_brought_into_its_range(asked: str | None, given: int, service: Service) -> None:
    answer = await service.client.get("/v1/notes", params={"limit": asked} if asked else {})
    assert answer.json() == {"limit": given}


@pytest.mark.parametrize("asked", ["ten", "1.5", "", " 1", "\u0661", "1e3", "+5", "9" * 5000])
async def test_a_limit_that_is_not_a_number_is_refused(asked: str, service: Service) -> None:
    answer = await service.client.get("/v1/notes", params={"limit": asked})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"
