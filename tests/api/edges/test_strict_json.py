"""What is not JSON to every reader is not JSON to us (RFC 8259, RFC 7493)."""

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.strict_json import DEEPEST, MOST_MEMBERS, MalformedJson, check, mended
from tests.api.edges.service import MARKED


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"NaN",
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": -1e400}',
        b'{"a": 9007199254740993}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"outer": {"a": 1, "a": 1}}',
        b"\xef\xbb\xbf{}",
        '{"a": "å"}'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'"\\uD83D\\u0041"',
        b'"\\udc00"',
        b'"\\ud83d\\ude00\\ude00"',
        b'"\\u0000"',
        b'"a\x00b"',
        b'"a\nb"',
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" * 100_000,
        b'{"a":' * 20 + b"1" + b"}" * 20,
        json.dumps({str(number): 0 for number in range(MOST_MEMBERS + 1)}).encode(),
        b"[" + b"[]," * 1_000_000 + b"[]]",
    ],
    ids=lambda document: repr(document[:20]),
)
def test_a_document_that_two_readers_could_read_differently_is_refused(document: bytes) -> None:
    with pytest.raises(MalformedJson):
        check(document)


@pytest.mark.parametrize(
    "document",
    [
        b"{}",
        b' {"a": [1, 2.5, -0, 1e30, true, null]}\n',
        '"å \U0001f600"'.encode(),
        b'"\\ud83d\\ude00"',
        b'"\\\\ud800 \\\\u0000"',
        b'"[[[[[[[[[[[[[[[[[[[[[["',
        b'"\\"[[[[[[[[[[[[[[[[[[[[[["',
        b'["\\\\", [], [], [], [], [], [], [], [], [], [], [], [], [], [], [], [], []]',
        b"[" * DEEPEST + b"]" * DEEPEST,
    ],
    ids=lambda document: repr(document[:20]),
)
def test_a_document_that_only_looks_odd_is_accepted(document: bytes) -> None:
    check(document)


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text('ab[{"\\'), inner))


@given(_JSON)
def test_whatever_a_json_library_writes_is_accepted(value: object) -> None:
    if _depth(value) <= DEEPEST:
        check(json.dumps(value).encode())
        check(json.dumps(value, ensure_ascii=False).encode())


@given(st.integers(DEEPEST + 1, 60), st.text('[]{}\\"x'))
def test_depth_is_counted_in_brackets_outside_of_texts(levels: int, text: str) -> None:
    value: object = text
    for _ in range(levels):
        value = {"a": value}
    with pytest.raises(MalformedJson):
        check(json.dumps([value, text]).encode())


def test_what_is_refused_is_not_repeated() -> None:
    with pytest.raises(MalformedJson) as refused:
        check(b'{"a": "' + MARKED.encode())
    assert MARKED not in str(refused.value)


def test_fifty_thousand_identifiers_are_looked_at_in_milliseconds() -> None:
    document = json.dumps({"identifiers": [MARKED] * 50_000}).encode()
    started = process_time()
    check(document)
    assert process_time() - started < 0.2


def _depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb'"a\u0000b"', "a\x01b"),
        (rb'"\ud800"', "\x01"),
        (rb'"\uD83D\u0041"', "\x01A"),
        (rb'"\udc00\ud83d"', "\x01\x01"),
        (rb'"\ud83d\ud83d\ude00\ude00"', "\x01\U0001f600\x01"),
        (rb'"\ud83d\\\ude00"', "\x01\\\x01"),
        (rb'"\\u0000 \\\\ud800 \u00e5 \uD83D\uDE00"', "\\u0000 \\\\ud800 å \U0001f600"),
        ('"å"'.encode(), "å"),
    ],
)
def test_a_broken_character_is_mended_into_one_that_no_text_may_hold(sent: bytes, read: str) -> None:
    check(mended(sent))
    assert json.loads(mended(sent)) == read


@given(st.text(st.characters(categories=["L", "N", "P", "Zs", "So"])))
def test_a_whole_text_is_left_as_it_is(text: str) -> None:
    for sent in (json.dumps(text).encode(), json.dumps(text, ensure_ascii=False).encode()):
        assert mended(sent) == sent
