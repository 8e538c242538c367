"""The digest that a mandate's signature rests on, against canonical texts written by hand."""

import hashlib
import json
from typing import Any

import pytest

from app.crypto.claims import NotCanonical, claims_digest

MANDATE: dict[str, Any] = {
    "rights": ["object_dm"],
    "grantor": {"value": "19900101-2385", "type": "personal_number", "country": "SE", "name": "Åsa Test"},
    "controllers": "all",
    "keep_if_unknown": True,
    "template": {"version": 1, "id": "objection-mandate", "language": None},
    "reference": "A1-0001",
    "evidence": {"kind": "agent_jws", "jws": "a.b.c"},
}
CANONICAL = (
    '{"controllers":"all",'
    '"grantor":{"country":"SE","name":"Åsa Test","type":"personal_number","value":"19900101-2385"},'
    '"keep_if_unknown":true,"rights":["object_dm"],'
    '"template":{"id":"objection-mandate","language":null,"version":1}}'
)


def of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_a_mandate_has_the_digest_of_its_canonical_text_without_evidence_and_reference() -> None:
    assert claims_digest(MANDATE) == of(CANONICAL)


def test_the_digest_of_the_sample_mandate_is_what_sha256sum_says() -> None:
    assert claims_digest(MANDATE) == "sha256:116892f77ba88e7721e37f4269fa6a9391603261ec2e88ca29c975442e028f16"


def test_an_empty_request_is_two_braces() -> None:
    empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert claims_digest({}) == empty
    assert claims_digest({"evidence": {"kind": "document"}, "reference": "x"}) == empty


def test_order_and_spelling_of_the_json_do_not_matter() -> None:
    backwards = dict(reversed(MANDATE.items()))
    respelled = json.loads(json.dumps(MANDATE, ensure_ascii=True, indent=3))
    assert claims_digest(backwards) == claims_digest(respelled) == of(CANONICAL)


@pytest.mark.parametrize(
    "changes",
    [
        {"rights": ["object_dm", "withdraw_objection"]},
        {"grantor": {**MANDATE["grantor"], "name": "A\u030asa Test"}},
        {"template": {"id": "objection-mandate", "version": 1}},
        {"keep_if_unknown": 1},
        {"valid_to": None},
    ],
)
def test_whatever_is_claimed_otherwise_has_another_digest(changes: dict[str, Any]) -> None:
    assert claims_digest({**MANDATE, **changes}) != of(CANONICAL)


def test_evidence_and_reference_are_left_out_at_the_top_alone() -> None:
    assert claims_digest({"grantor": {"reference": "r", "evidence": 1}}) == of(
        '{"grantor":{"evidence":1,"reference":"r"}}'
    )


def test_members_are_ordered_by_utf_16_units_not_by_code_points() -> None:
    """RFC 8785 section 3.2.3: a character beyond the first plane (D83D …) comes before U+FB33."""
    request = dict.fromkeys(("דּ", "😀", "€", "ö", "a", "Z", "\x80", "1", "10", "\r", ""), 0)
    assert claims_digest(request) == of(
        '{"":0,"\\r":0,"1":0,"10":0,"Z":0,"a":0,"\u0080":0,"ö":0,"€":0,"\U0001f600":0,"\ufb33":0}'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\b\t\n\f\r\u001f\u007f\u2028", '"\\b\\t\\n\\f\\r\\u001f\u007f\u2028"'),
        (1.0, "1"),
        (-0.0, "0"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (9007199254740991, "9007199254740991"),
        (-9007199254740991, "-9007199254740991"),
        (5e-324, "5e-324"),
        ([], "[]"),
        ([56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]'),
    ],
)
def test_texts_and_numbers_are_written_as_rfc_8785_has_them(value: object, text: str) -> None:
    assert claims_digest({"x": value}) == of(f'{{"x":{text}}}')


def nested(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        2**53,
        -(2**53),
        199001012385199001012385,
        "\ud800",
        {"\udfff": 1},
        {1: "a"},
        {None: 1},
        b"bytes",
        {"a", "b"},
        object(),
        nested(100_000),
    ],
)
def test_what_json_cannot_carry_has_no_digest_and_is_not_repeated(value: object) -> None:
    with pytest.raises(NotCanonical) as refused:
        claims_digest({"grantor": value})
    assert str(refused.value) == "the request cannot be written as canonical JSON"
    assert refused.value.__cause__ is None
