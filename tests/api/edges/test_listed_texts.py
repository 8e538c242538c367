"""A long list that is read where it stands is the list that reading the whole body gives."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from app.api import bodies
from app.api.bodies import parse, parse_plainly
from app.api.listed_texts import part_list
from app.api.problems import EdgeError
from app.api.strict_json import MOST_VALUES
from app.usecases.sent_items import SentItems

TEXTS = st.text('+46 a@.",:[]{}\\\x01\x02\x1f\x7f\u0665å\u2028\U0001f600', max_size=6) | st.sampled_from(
    ["+46701740605", "070-174 06 05", "]", '"]', '"}]', "items", '{"type":"email","value":"a']
)
TYPED = st.builds(
    lambda type_, value: {"type": type_, "value": value}, st.sampled_from(["phone", "email"]), TEXTS
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 7, [], {"type": "phone"}, {"value": "a", "type": "email"}, {"type": "x", "value": ""}]
)
LISTS = st.lists(TEXTS) | st.lists(TEXTS | TYPED) | st.lists(TYPED) | st.lists(TEXTS | TYPED | ODD)
SPELLINGS = st.sampled_from([None, (",", ":"), (",", " : "), (", ", ":"), (" , ", ":")])
WHOLE = b'{"name":"x","items":["+46701740605",{"type":"email","value":"a@example.com"},"b"],"after":["x]"]}'


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    items: list[Any]
    name: str | None = None
    after: list[str] | None = None


@pytest.fixture(autouse=True)
def _short_lists_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SMALL", 0)


def read(raw: bytes) -> Body | str:
    try:
        return parse(Body, raw)
    except EdgeError as refused:
        return refused.code


def read_listed(raw: bytes) -> Body | str:
    try:
        body = parse_plainly(Body, raw, "items") or parse(Body, raw)
    except EdgeError as refused:
        return refused.code
    return body.model_copy(update={"items": list(body.items)})


@settings(deadline=None, max_examples=400)
@given(LISTS, st.none() | TEXTS, st.none() | st.lists(TEXTS, max_size=2), SPELLINGS, st.booleans())
def test_a_body_is_read_alike_whole_and_in_parts(
    items: list[Any], name: str | None, after: list[str] | None, spelling: Any, ascii_only: Any
) -> None:
    document = {"name": name, "items": items, "after": after}
    raw = json.dumps(document, separators=spelling, ensure_ascii=ascii_only).encode()
    assert read_listed(raw) == read(raw)


@settings(deadline=None, max_examples=600)
@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 3),
    st.binary(max_size=3)
    | st.sampled_from(
        [
            b'"',
            b'","',
            b"\\",
            b"\n",
            b"\x01",
            b"\x1f",
            b"\xff",
            b"{",
            b"}",
            b'"}',
            b"[",
            b"]",
            b",",
            b" ",
            b'"items":[],',
        ]
    ),
)
def test_a_body_with_a_flaw_anywhere_is_read_alike_or_refused_alike(
    place: int, gone: int, put: bytes
) -> None:
    raw = WHOLE[:place] + put + WHOLE[place + gone :]
    assert read_listed(raw) == read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"items":["a"],"items":["b"]}',
        b'{"items":["a"],"it\\u0065ms":["b"]}',
        b'{"name":"\\"items\\":[","items":["a"]}',
        b'{"after":{"items":["a"]}}',
        b'{"after":{"items":["a"]},"items":["b"]}',
        b'{"items":["items"]}',
        b'{"items":["a" "b"]}',
        b'{"items":["a";"b"]}',
        b'{"items":["a",,"b"]}',
        b'{"items":["a",]}',
        b'{"items":["a","b"}',
        b'{"items":["\\ud800"]}',
        b'{"items":["\xff"]}',
        b'{"items":["a\x00b"]}',
        b'{"items":["a\nb"]}',
        b'{"items":[{"type":"email","value":"a"]}',
        b'{"items":["a"}]}',
        b'{"items":["\x01a\x1f"]}',
        b'{"items":[{"type":"email","value":"a","value":"b"}]}',
        b'{"items":[{"type":"email","type":"phone","value":"b"}]}',
        b'{"items":["a"]}x',
        b'{"unknown":1,"items":["a"]}',
        b'\xef\xbb\xbf{"items":["a"]}',
        b'["items":["a"]]',
        b'{"x":"items":["a"]}',
    ],
)
def test_what_only_looks_like_a_plain_list_is_judged_by_the_whole_body(raw: bytes) -> None:
    assert read_listed(raw) == read(raw)


@pytest.mark.parametrize("spelling", [(",", ":"), (", ", ": ")])
def test_a_plain_list_costs_no_object_for_each_item(spelling: tuple[str, str]) -> None:
    items = [
        "+46701740605",
        "å",
        "",
        {"type": "email", "value": "a@example.com"},
        {"type": "phone", "value": ""},
    ]
    raw = json.dumps({"items": items}, separators=spelling, ensure_ascii=False).encode()
    found = (parse_plainly(Body, raw, "items") or parse(Body, raw)).items
    assert isinstance(found, SentItems)
    assert list(found) == items


def test_a_list_of_too_many_values_is_left_to_the_check_of_the_whole() -> None:
    raw = b'{"items":[' + b'"",' * MOST_VALUES + b'""]}'
    assert part_list(raw, "items") is None
