"""Everything that reads what others have written, with all that it may raise. Whatever else comes out is a
fault; so is a reading that contradicts another reading of the same."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from app.api.bodies import parse, parse_plainly
from app.api.client_proofs import TokenError, read_form
from app.api.cursors import open_cursor
from app.api.listed_texts import part_list
from app.api.multipart_files import FilePart
from app.api.problems import EdgeError
from app.api.schemas.lookups import LookupRequest
from app.api.strict_json import MalformedJson, check, mended
from app.cli.request_heads import fault_of
from app.crypto.bankid.document import BadDocument, read_document
from app.crypto.compact_jws import BadToken, json_object
from app.crypto.compact_jws import parse as parse_jws
from app.crypto.keys import KeyRing
from app.crypto.notes import BadNote, open_checkpoint, verifier_key
from app.crypto.tokens import VerificationKeys, verify_access_token
from app.domain.call_backs import Call, UnreadableCallError
from app.domain.column import Column
from app.domain.email_columns import canonical_emails
from app.domain.identifier import UnreadableIdentifier
from app.domain.identifiers import canonicalise
from app.domain.identifiers.email import already_canonical as canonical_email
from app.domain.identifiers.phone import already_canonical as canonical_phone
from app.domain.keywords import is_stop
from app.domain.phone_columns import canonical_phones, spaced_phones
from app.domain.recipient_rows import UnreadableListError
from app.domain.rows_of_csv import CsvList
from app.domain.rows_of_ndjson import NdjsonList
from app.intake import WAYS
from app.usecases.asked_identifiers import read_asked
from app.usecases.read_position import read_position

TODAY: Final = date(2026, 11, 21)
_NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_RING: Final = KeyRing.generate()
_KEYS: Final = VerificationKeys([_RING.token_key.public_jwk()])
_VERIFIER: Final = verifier_key(bytes(32), "registry.example")
_URL: Final = "https://registry.example/v1/intake/x"


@dataclass(frozen=True, slots=True)
class Target:
    """What reads, what it may raise, and small texts to begin with."""

    read: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...] = ()
    seeds: tuple[bytes, ...] = field(default=(b"",))


def lenient(raw: bytes) -> str:
    """Whatever the bytes are."""
    return raw.decode("utf-8", "replace")


def strictly(raw: bytes) -> None:
    check(raw)
    json.loads(raw)


def mending(raw: bytes) -> None:
    check(mended(raw))


def listed(raw: bytes) -> None:
    parted = part_list(raw, "identifiers")
    if parted is not None:
        rest, items = parted
        try:
            check(rest)
        except MalformedJson:
            return
        assert json.loads(rest)["identifiers"] == []
        assert list(items) == json.loads(raw)["identifiers"]


def _in_parts(raw: bytes) -> LookupRequest:
    return parse_plainly(LookupRequest, raw, "identifiers") or parse(LookupRequest, raw)


def lookups_alike(raw: bytes) -> None:
    """A body is read alike in both ways, or refused in both."""
    assert spoken(parse, LookupRequest, raw) == spoken(_in_parts, raw)


def spoken(reading: Callable[..., LookupRequest], *given: object) -> object:
    """What was read, without the identifiers, or the code of what was wrong."""
    try:
        return json.loads(reading(*given).model_dump_json(exclude={"identifiers"}))
    except EdgeError as refused:
        return refused.code


def identifier(kind: str) -> Callable[[bytes], None]:
    def read(raw: bytes) -> None:
        for region in ("SE", None):
            form = canonicalise(kind, lenient(raw), region, TODAY)
            assert canonicalise(kind, form.value, region, TODAY).value == form.value

    return read


def address(raw: bytes) -> None:
    parts = (lenient(raw).split("\n") + [""] * 5)[:5]
    names = ("name", "street", "postal_code", "city", "country")
    canonicalise("postal_address", dict(zip(names, parts, strict=True)), "SE", TODAY)


def columns(raw: bytes) -> None:
    """Many at once as one by one."""
    texts = lenient(raw).split("\n")
    column = Column.of(texts)
    assert list(column) == texts
    assert canonical_phones(column).tolist() == [canonical_phone(one) for one in texts]
    assert all(canonical_email(one) for one, ok in zip(texts, canonical_emails(column), strict=True) if ok)
    spaced, numbers = spaced_phones(column, "SE")
    read = [one for one, ok in zip(texts, spaced, strict=True) if ok]
    assert list(numbers) == [canonicalise("phone", one, "SE", TODAY).value for one in read]


def asked(raw: bytes) -> None:
    items = json.loads(raw)
    if isinstance(items, list):
        found = read_asked(items, "sms", "SE", TODAY)
        assert found.count == len(items)
        assert all(0 <= index < len(items) for index in found.unreadable)


def comma_list(raw: bytes) -> None:
    rows, _rest = CsvList("phone").read(lenient(raw), last=True)
    assert len(rows.items) == len(rows.heads)


def line_list(raw: bytes) -> None:
    rows, _rest = NdjsonList().read(lenient(raw), last=True)
    assert len(rows.items) == len(rows.heads)


def form_part(raw: bytes) -> None:
    part = FilePart("multipart/form-data; boundary=b")
    for at in range(0, len(raw), 7):
        part.feed(raw[at : at + 7])
    assert isinstance(part.filename, str)


def call_back(source: str) -> Callable[[bytes], object]:
    return lambda raw: WAYS[source].read(Call(_URL, {}, raw))


def head(raw: bytes) -> None:
    lines = [line.partition(b":") for line in raw.split(b"\n")]
    fields = [(name.lower(), value.strip()) for name, _, value in lines]
    assert fault_of(raw[:40], fields, "1.1") in {None, "BAD_REQUEST", "HEADERS_TOO_LARGE", "URI_TOO_LONG"}


def token(raw: bytes) -> None:
    issuer = "https://registry.example"
    verify_access_token(raw.decode("latin-1"), _KEYS, issuer=issuer, audience=issuer, now=_NOW)


_ASKED: Final = (
    b'"controller_id":"0198b1de-0000-7000-8000-000000000000","channel":"sms","purpose":"marketing"'
)
_QUESTION: Final = b"{" + _ASKED + b',"identifiers":%s}'
_PART: Final = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    b"phone\r\n+46701740605\r\n--b--\r\n"
)
_CALL: Final = b"direction=incoming&id=s1&from=%2B46701740605&to=%2B46846500400&message=STOPP"
_EVENT: Final = b'[{"email":"a@example.com","event":"unsubscribe","sg_event_id":"x","timestamp":1763726400}]'

TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "json": Target(
            strictly, (MalformedJson,), (b'{"a":[1,-2.5e3,"\\u00e5\\ud83d\\ude00",null]}', b"[[[]]]")
        ),
        "mended": Target(mending, (MalformedJson,), (b'["\\ud800","\\\\ud800","\\u0000"]',)),
        "listed": Target(listed, (), (_QUESTION % b'["+46701740605","a\\"b",{"type":"email","value":"x"}]',)),
        "lookup": Target(lookups_alike, (), (_QUESTION % (b"[" + b'"+46701740605",' * 200 + b'"x"]'),)),
        "asked": Target(
            asked, (ValueError,), (b'["070-174 06 05",{"all":[{"type":"phone","value":"1"}]},1]',)
        ),
        "phone": Target(
            identifier("phone"), (UnreadableIdentifier,), (b"+46 (0)70-174 06 05", b"0046701740605")
        ),
        "email": Target(identifier("email"), (UnreadableIdentifier,), (b"Anna.Test+x@Example.com",)),
        "personal_number": Target(
            identifier("personal_number"), (UnreadableIdentifier,), (b"19900101-2385", b"900101+2385")
        ),
        "customer_ref": Target(identifier("customer_ref"), (UnreadableIdentifier,), (b"K-1",)),
        "postal_address": Target(
            address, (UnreadableIdentifier,), (b"Anna Test\nStorgatan 1\n111 22\nStockholm\nSE",)
        ),
        "columns": Target(columns, (), (b"+46701740605\n070-174 06 05\nanna@example.com\n+4607",)),
        "csv": Target(
            comma_list,
            (UnreadableListError,),
            (b'phone;name\r\n"+46 70";"a ""b"""\r\n', b"\xef\xbb\xbfa,b\n"),
        ),
        "ndjson": Target(line_list, (UnreadableListError,), (b'"+46"\n{"identifier":"x","a":1}\n\n[',)),
        "multipart": Target(form_part, (EdgeError,), (_PART,)),
        "token_form": Target(
            read_form, (TokenError,), (b"grant_type=client_credentials&client_id=a&client_secret=%41",)
        ),
        "cursor": Target(lambda raw: open_cursor(b"k" * 32, lenient(raw)), (EdgeError,), (b"abc",)),
        "position": Target(lambda raw: read_position(lenient(raw)), (), (b"1234.56.7", b"1.2")),
        "jws": Target(lambda raw: parse_jws(lenient(raw)), (BadToken,), (b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA",)),
        "jws_json": Target(json_object, (BadToken,), (b'{"alg":"ES256","exp":1}',)),
        "token": Target(token, (BadToken,), (b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.AAAA",)),
        "bankid": Target(
            read_document, (BadDocument,), (b'<?xml version="1.0"?><Signature><SignedInfo/></Signature>',)
        ),
        "checkpoint": Target(
            lambda raw: open_checkpoint(lenient(raw), _VERIFIER),
            (BadNote,),
            ("registry\n5\nAAAA\n\n— r AAAA\n".encode(),),
        ),
        "stop": Target(lambda raw: is_stop(lenient(raw)), (), (b"STOPP tack",)),
        "head": Target(head, (), (b"Host: a\nContent-Length: 5\nTransfer-Encoding: chunked",)),
        "46elks": Target(call_back("46elks"), (UnreadableCallError,), (_CALL,)),
        "twilio": Target(
            call_back("twilio"),
            (UnreadableCallError,),
            (b"MessageSid=SM1&From=%2B46&Body=stop&OptOutType=STOP",),
        ),
        "sinch": Target(
            call_back("sinch"),
            (UnreadableCallError,),
            (b'{"id":"1","from":"46701740605","to":"1","body":"STOP","type":"mo_text"}',),
        ),
        "sendgrid": Target(call_back("sendgrid"), (UnreadableCallError,), (_EVENT,)),
        "postmark": Target(
            call_back("postmark"),
            (UnreadableCallError,),
            (b'{"RecordType":"SubscriptionChange","Recipient":"a@example.com","SuppressSending":true}',),
        ),
    }
)
