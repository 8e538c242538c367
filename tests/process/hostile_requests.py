"""What hostile clients send, byte for byte. `AUTH` stands for the field with a sender's token, `ASK` for a
lookup of its own."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

AUTH, ASK, AGENT = b"@AUTH@", b"@ASK@", b"@AGENT@"
HOST = b"Host: registry\r\n"
_GET = b"GET /livez HTTP/1.1\r\n"
_SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: registry\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """Pieces that are sent with a pause between each, over and over while `endless`; and what is answered:
    nothing at all where `statuses` is empty. `answers` is how many there are."""

    name: str
    pieces: Sequence[bytes]
    statuses: tuple[int, ...] = (400,)
    pause: float = 0.0
    endless: bytes = b""
    expected: str | None = field(default=None)


def head(*fields: bytes, target: bytes = b"/livez", method: bytes = b"GET") -> bytes:
    """A request without a body, its Host first."""
    return method + b" " + target + b" HTTP/1.1\r\n" + HOST + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


def post(body: bytes, *fields: bytes, target: bytes = b"/v1/lookups", who: bytes = AUTH) -> bytes:
    """A POST of JSON by a sender, which wants the connection to end."""
    length = b"Content-Length: %d" % len(body)
    own = fields if any(f.lower().startswith(b"content-type") for f in fields) else (*fields, JSON)
    return head(who, b"Connection: close", length, *own, target=target, method=b"POST") + body


JSON = b"Content-Type: application/json"


def lookup(items: bytes) -> bytes:
    """A lookup of items that are JSON already, or nearly."""
    return ASK[:-1] + b"|" + items + b"@"


def asked(items: bytes, controller: str) -> bytes:
    """The same, spelt out."""
    question = {"controller_id": controller, "channel": "sms", "purpose": "marketing"}
    return json.dumps(question).encode()[:-1] + b',"identifiers":' + items + b"}"


def heads() -> Iterator[Hostile]:
    """Heads that two programs would read in two ways, or that are too much."""
    yield Hostile("no host", [_GET + b"\r\n"])
    yield Hostile("two hosts", [head(b"Host: other")])
    yield Hostile("the same host twice", [head(b"Host: registry")])
    yield Hostile("an empty host", [_GET + b"Host:\r\n\r\n"])
    yield Hostile("a host with a path", [_GET + b"Host: registry/x\r\n\r\n"])
    yield Hostile("a host with a user", [_GET + b"Host: you@registry\r\n\r\n"])
    yield Hostile("a host list", [_GET + b"Host: registry, other\r\n\r\n"])
    yield Hostile("HTTP/1.0 without a host", [b"GET /livez HTTP/1.0\r\n\r\n"])
    yield Hostile("HTTP/0.9", [b"GET /livez\r\n\r\n"])
    yield Hostile("HTTP/2 by prior knowledge", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
    yield Hostile("HTTP/3.7", [b"GET /livez HTTP/3.7\r\n" + HOST + b"\r\n"])
    yield Hostile("a TLS hello", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200])
    yield Hostile("noise", [bytes(range(256)) * 8])
    yield Hostile("an unknown method", [b"DROP /livez HTTP/1.1\r\n" + HOST + b"\r\n"])
    yield Hostile("CONNECT", [b"CONNECT other:443 HTTP/1.1\r\n" + HOST + b"\r\n"])
    yield Hostile("a target that is no path", [b"GET livez HTTP/1.1\r\n" + HOST + b"\r\n"])
    yield Hostile("a target beyond ASCII", ["GET /livé HTTP/1.1\r\n".encode() + HOST + b"\r\n"])
    yield Hostile("a space before the colon", [head(b"Content-Length : 5")])
    yield Hostile("a field without a name", [head(b": x")])
    yield Hostile("a field without a colon", [head(b"nonsense")])
    yield Hostile("a folded field", [head(b"X-One: a\r\n b")])
    yield Hostile("NUL in a field", [head(b"X-One: a\0b")])
    yield Hostile("a bare carriage return", [head(b"X-One: a\rX-Two: b")])
    yield Hostile("two tokens", [head(b"Authorization: Bearer a", b"Authorization: Bearer b")])
    yield Hostile("two keys", [head(b"Idempotency-Key: a", b"Idempotency-Key: b")])
    yield Hostile("65 fields", [head(*[b"X-%d: 1" % n for n in range(65)])], (431,))
    yield Hostile("one field of 17 KiB", [head(b"X-One: " + b"a" * 17_000)], (431,))
    yield Hostile("fields of 20 MB", [_GET + HOST + b"X-One: "], (431,), endless=b"a" * 65_536)
    yield Hostile("50,000 fields", [_GET + HOST], (431,), endless=b"X-One: 1\r\n" * 1_000)
    yield Hostile("a target of 9 KiB", [head(target=b"/" + b"a" * 9_000)], (414,))
    yield Hostile("a target without an end", [b"GET /"], (431,), endless=b"a" * 65_536)
    yield Hostile("nothing at all", [b""], ())
    yield Hostile("blank lines for ever", [b"\r\n"], (408,), 0.2, b"\r\n")
    yield Hostile("half a head", [_GET + HOST], (408,))
    yield Hostile("a head byte by byte", [b"G", b"E", b"T", b" "], (408,), 0.3, b"/")


def bodies() -> Iterator[Hostile]:
    """Bodies whose end is in doubt, or does not come."""
    to = {"target": b"/v1/lookups", "method": b"POST"}
    both = head(b"Content-Length: 5", b"Transfer-Encoding: chunked", **to)
    yield Hostile("length and coding", [both + b"0\r\n\r\n" + _SMUGGLED])
    coded = head(b"Transfer-Encoding: chunked", b"Content-Length: 5", **to)
    yield Hostile("coding and length", [coded + b"0\r\n\r\n" + _SMUGGLED])
    twice = head(b"Content-Length: 0", b"Content-Length: 38", **to)
    yield Hostile("two lengths", [twice + _SMUGGLED])
    for length in (b"-1", b"+5", b"0x5", b"5, 5", b"5 5", b"", b"9" * 19, b"1e3", b"\xef\xbc\x95"):
        yield Hostile(f"length {length!r}", [head(b"Content-Length: " + length, **to) + _SMUGGLED])
    for coding in (
        b"gzip, chunked",
        b"chunked, identity",
        b"xchunked",
        b"identity",
        b"\x0bchunked",
        b"chunked,",
    ):
        sent = head(b"Transfer-Encoding: " + coding, **to) + b"0\r\n\r\n" + _SMUGGLED
        yield Hostile(f"coding {coding!r}", [sent])
    old = b"POST /v1/lookups HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield Hostile("chunks in HTTP/1.0", [old + _SMUGGLED])
    chunked = head(AUTH, JSON, b"Transfer-Encoding: chunked", **to)
    for broken in (
        b"zz\r\n",
        b"-1\r\n",
        b"5\r\nabcdefgh",
        b"F" * 17 + b"\r\n",
        b"5 \r\nabcde\r\n0\r\n\r\n",
        b"2\r\nab0\r\n",
    ):
        yield Hostile(f"chunk {broken[:8]!r}", [chunked + broken + b"\r\n\r\n"])
    yield Hostile("a chunk's extension for ever", [chunked + b"5;"], endless=b"a" * 65_536)
    yield Hostile("a trailer for ever", [chunked + b"0\r\nX-One: "], endless=b"a" * 65_536)
    yield Hostile("half a body", [head(AUTH, JSON, b"Content-Length: 99", **to) + b"{"], (408,))
    slow = head(AUTH, JSON, b"Content-Length: 99999", **to)
    yield Hostile("a body byte by byte", [slow], (408,), 0.2, b" ")
    yield Hostile("chunks one by one", [chunked], (408,), 0.2, b"1\r\n \r\n")
    anonymous = head(b"Content-Length: 999999999999", JSON, **to)
    yield Hostile("a body for ever from nobody", [anonymous], (401,), 0.2, b" ")
    yield Hostile("a body with a GET for ever", [head(b"Content-Length: 9999999999")], (200,), 0.2, b" ")
    large = head(AUTH, JSON, b"Content-Length: 60000000", **to)
    yield Hostile("60 MB announced", [large], (413,))
    counted = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    yield Hostile("60 MB in chunks", [chunked], (413,), endless=counted)


def contents() -> Iterator[Hostile]:
    """Whole bodies that are made to cost, or to be read in two ways."""
    deep, many = 100_000, 1_000_000
    for name, items in {
        "100,000 levels": b"[" * deep + b"]" * deep,
        "17 levels": b"[" * 17 + b"]" * 17,
        "objects in objects": b'{"a":' * deep + b"1" + b"}" * deep,
        "a million digits": b"[" + b"9" * many + b"]",
        "a fraction of a million digits": b"[0." + b"9" * many + b"e400]",
        "1e400": b"[1e400]",
        "NaN": b"[NaN]",
        "Infinity": b"[-Infinity]",
        "a number with a zero first": b"[01]",
        "a member twice": b'[{"type":"phone","type":"email","value":"x"}]',
        "a control character": b'["a\x01b"]',
        "bytes that are no UTF-8": b'["\xff\xfe"]',
        "a comment": b"[/* all */]",
        "a comma too many": b"[1,]",
        "a million brackets": b"[" + b"[]," * 1_000_000 + b"[]]",
        "700,000 members": b"[{" + b",".join(b'"":0' for _ in range(700_000)) + b"}]",
        "200,000 members": b"[{" + b",".join(b'"%d":""' % n for n in range(200_000)) + b"}]",
    }.items():
        yield Hostile(name, [post(lookup(items))], (422,), expected="MALFORMED_JSON")
    yield Hostile("a byte order mark", [post(b"\xef\xbb\xbf{}")], (422,), expected="MALFORMED_JSON")
    yield Hostile("UTF-16", [post("{}".encode("utf-16"))], (422,), expected="MALFORMED_JSON")
    yield Hostile("nothing where JSON is due", [post(b"")], (422,), expected="MALFORMED_JSON")
    wrong = b"[" + b",".join([b"1"] * 500_000) + b"]"
    yield Hostile("half a million wrong items", [post(lookup(wrong))], (413, 422))
    items = b'{"items":' + b"[" + b",".join([b"{}"] * 10_000) + b"]}"
    batch = {"target": b"/v1/objections/batch", "who": AGENT}
    yield Hostile("10,000 empty objections", [post(items, **batch)], (200,))
    fields = b'{"' + b'":1,"'.join(b"x%d" % n for n in range(99)) + b'":1}'
    yield Hostile("99 unknown members", [post(fields)], (422,), expected="VALIDATION")
    packed = gzip.compress(b" " * 10_000_000)
    yield Hostile("a packed lookup", [post(packed, b"Content-Encoding: gzip")], (415,))
    yield Hostile("packed twice", [post(packed, b"Content-Encoding: gzip, gzip")], (415,))
    unknown = post(b"{}", b"Content-Encoding: br")
    yield Hostile("packed with brotli", [unknown], (415,))
    yield Hostile("JSON in another charset", [post(b"{}", JSON + b"; charset=utf-7")], (415,))
    yield Hostile("JSON called text", [post(b"{}", b"Content-Type: text/plain")], (415,))
    key = b"Authorization: Bearer " + b"a." * 5_000
    yield Hostile("a token of 10 kB", [head(key, b"Connection: close", target=b"/v1/changes")], (401,))


HOSTILE: tuple[Hostile, ...] = (*heads(), *bodies(), *contents())
