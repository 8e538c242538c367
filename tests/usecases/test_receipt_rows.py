"""One row of a receipt can be shown alone: it proves itself, and says nothing of the others."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto import base64url
from app.crypto.row_commitments import commitment, salt_of
from app.domain.decision import Answer, Decision
from app.usecases.commit_rows import PAGE, RowTree, item_text, item_texts
from app.usecases.open_row import BadRow, check_row, open_row

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CLEAR = Decision(Answer.ALLOW, "NO_OBJECTION_FOUND", (), (), None, NOW)
BLOCKED = Decision(Answer.BLOCK, "OBJ_DM", (), (), None, NOW)
SEED = bytes(range(32))

Signed = tuple[list[Any], list[str], dict[str, Any]]


def answered(count: int) -> Signed:
    """Items, verdicts and claims of an answer in which every seventh row is blocked."""
    items: list[Any] = [f"+467017406{n % 100:02}" for n in range(count)]
    items[3:4] = [{"type": "email", "value": "anna.test@example.com"}] if count > 3 else []
    special = dict.fromkeys(range(0, count, 7), BLOCKED)
    tree = RowTree(SEED)
    tree.add(items, CLEAR, special)
    verdicts = ["block OBJ_DM" if n in special else "allow NO_OBJECTION_FOUND" for n in range(count)]
    return items, verdicts, {"tree": tree.claims()}


def opened(signed: Signed, position: int) -> dict[str, Any]:
    items, verdicts, claims = signed
    return open_row(base64url.encode(SEED), items, verdicts, claims, position)


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 64, 65, 1000])
def test_every_row_of_an_answer_can_be_opened_and_proves_itself(count: int) -> None:
    signed = answered(count)
    for position in {0, 3, 31, 32, 33, count // 2, count - 1} & set(range(count)):
        row = json.loads(json.dumps(opened(signed, position)))
        check_row(row, signed[2])
        assert (row["item"], f"{row['decision']} {row['code']}") == (
            signed[0][position],
            signed[1][position],
        )


CHANGES: dict[str, Any] = {
    "position": 34,
    "item": "+46701740699",
    "decision": "allow",
    "code": "NO_OBJECTION_FOUND",
    "salt": base64url.encode(bytes(16)),
    "page": ["00" * 32] * PAGE,
    "path": [],
}


@pytest.mark.parametrize("member", CHANGES)
def test_a_row_that_was_changed_in_any_way_is_not_in_the_tree(member: str) -> None:
    signed = answered(100)
    row = opened(signed, 35)
    assert row["decision"] == "block"
    with pytest.raises(BadRow):
        check_row({**row, member: CHANGES[member]}, signed[2])


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"more": 1},
        {"position": "35"},
        {"position": True},
        {"position": -1},
        {"position": 100},
        {"page": "ab"},
        {"page": ["zz" * 32]},
        {"page": ["00"]},
        {"page": None},
        {"path": ["00" * 32] * 65},
        {"path": [7]},
        {"salt": "not base64url="},
        {"salt": 5},
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_nothing_else_happens(wrong: dict[str, Any]) -> None:
    signed = answered(100)
    row = {**opened(signed, 35), **wrong} if wrong else {}
    with pytest.raises(BadRow) as refused:
        check_row(row, signed[2])
    assert "4670" not in str(refused.value)


@pytest.mark.parametrize("claims", [{}, {"tree": None}, {"tree": {"rows": 100, "page": 16, "root": ""}}])
def test_a_receipt_without_a_tree_proves_no_row(claims: dict[str, Any]) -> None:
    with pytest.raises(BadRow, match="no tree"):
        check_row(opened(answered(100), 0), claims)


def test_a_row_of_another_answer_is_not_in_this_one() -> None:
    with pytest.raises(BadRow, match="not in the tree"):
        check_row(opened(answered(100), 40), answered(99)[2])


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda items, verdicts: (items[::-1], verdicts),
        lambda items, verdicts: (items, verdicts[::-1]),
        lambda items, verdicts: (items[:-1], verdicts[:-1]),
        lambda items, verdicts: (items, verdicts[:-1]),
    ],
)
def test_nothing_is_opened_of_an_answer_that_is_not_the_signed_one(spoilt: Any) -> None:
    items, verdicts, claims = answered(100)
    with pytest.raises(BadRow):
        opened((*spoilt(items, verdicts), claims), 5)


@pytest.mark.parametrize("seed", ["", "AAAA", base64url.encode(bytes(32)), "***"])
def test_nothing_is_opened_with_another_seed(seed: str) -> None:
    items, verdicts, claims = answered(100)
    with pytest.raises(BadRow):
        open_row(seed, items, verdicts, claims, 5)


@pytest.mark.parametrize("position", [-1, 100])
def test_a_row_that_was_not_asked_cannot_be_opened(position: int) -> None:
    with pytest.raises(BadRow, match="not among them"):
        opened(answered(100), position)


def test_an_opened_row_holds_the_salt_of_that_row_alone() -> None:
    signed = answered(100)
    row = opened(signed, 40)
    text = json.dumps(row)
    others = [signed[0][n] for n in range(100) if signed[0][n] != row["item"]]
    salts = [base64url.encode(salt_of(SEED, n)) for n in range(100) if n != 40]
    assert not [one for one in [*salts, *map(str, others)] if one in text]


def test_equal_rows_have_different_commitments() -> None:
    items = ["+46701740605"] * 64
    tree = RowTree(SEED)
    tree.add(items, CLEAR, {})
    signed: Signed = (items, ["allow NO_OBJECTION_FOUND"] * 64, {"tree": tree.claims()})
    assert len(set(opened(signed, 0)["page"])) == PAGE


@settings(max_examples=60)
@given(cuts=st.lists(st.integers(0, 80), min_size=1, max_size=6))
def test_the_tree_is_the_same_however_the_rows_arrive(cuts: list[int]) -> None:
    items, verdicts, claims = answered(sum(cuts))
    tree, at = RowTree(SEED), 0
    for cut in cuts:
        special = {n - at: v for n, v in enumerate(verdicts[at : at + cut], at) if v == "block OBJ_DM"}
        tree.add_texts(item_texts(items[at : at + cut]), "allow NO_OBJECTION_FOUND", special)
        at += cut
    assert {"tree": tree.claims()} == claims


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(items=st.lists(JSON_VALUES, max_size=8) | st.lists(st.text(st.characters(codec="utf-8")), max_size=8))
def test_items_have_the_same_text_alone_and_among_others(items: list[Any]) -> None:
    assert item_texts(items) == [item_text(item) for item in items]
    assert [json.loads(text) for text in item_texts(items)] == items


def test_a_commitment_is_what_the_documentation_says() -> None:
    salt, item, verdict = bytes(16), b'"+46701740605"', "block OBJ_DM"
    told = "29612c7b5f795f4aa3516729f548295c996cf36f585971f13e8147aceb394be6"
    assert commitment(salt, 7, item, verdict).hex() == told
