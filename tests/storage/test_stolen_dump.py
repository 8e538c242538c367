"""P10: whoever steals the whole database, and has the code, gets no number back without the key."""

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID

import httpx2
import pytest

from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, first_admin, objection, question
from tests.storage.logins import relations, select

HASHES = ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b")
PREFIX = 16
"""Bytes. So much of a digest would do to find a number, and as much fits into a uuid."""

PHONES = [f"+467017406{n:02}" for n in range(5, 100)] + [f"+4684650{n:04}" for n in range(400, 500)]
EMAILS = [f"stolen-{n}@example.com" for n in range(1810)]
PERSONAL_NUMBERS = ["199001012385", "200002292399", "196408233234"]
SINGLES = 40
"""So many are posted and asked one by one: a guess of one number is then a guess of the whole request."""
IMPORTED = 5
BATCH = 1_000


class Stolen(NamedTuple):
    admin: Any
    bodies: list[bytes]
    """Requests that name one person, byte by byte, with the line that our digests begin with."""


def spellings() -> Iterator[bytes]:
    """Every planted value as it might have been hashed."""
    for phone in PHONES:
        yield from (one.encode() for one in (phone, phone[1:], "00" + phone[1:], "0" + phone[3:], phone[3:]))
    for email in EMAILS:
        yield from (email.encode(), email.upper().encode())
    for number in PERSONAL_NUMBERS:
        short = number[2:]
        for one in (number, short, f"{number[:8]}-{number[8:]}", f"{short[:6]}-{short[6:]}", f"SE{number}"):
            yield one.encode()


def digests(values: Iterable[bytes]) -> set[bytes]:
    return {hashlib.new(name, value).digest()[:PREFIX] for value in values for name in HASHES}


HEX = re.compile(rb"[0-9a-fA-F]{32,}")
BASE64 = re.compile(rb"[0-9A-Za-z_+/-]{22,}")


def pieces(value: object) -> Iterator[bytes]:
    """A value as bytes, and whatever is written in it as hexadecimal or base64, to any depth."""
    raw = (
        value.bytes if isinstance(value, UUID) else value if isinstance(value, bytes) else str(value).encode()
    )
    yield raw
    if isinstance(value, UUID | bytes):
        return
    for found in HEX.findall(raw.replace(b"-", b"")):
        yield bytes.fromhex(found[: len(found) // 2 * 2].decode())
    for found in BASE64.findall(raw):
        opened = base64.urlsafe_b64decode(found.translate(bytes.maketrans(b"+/", b"-_")) + b"===")
        yield opened
        yield from (bytes.fromhex(inner.decode()) for inner in re.findall(rb"(?:[0-9a-f]{2}){16,}", opened))


async def recovered(admin: Any, wanted: set[bytes], within: str = "") -> set[str]:
    """The columns in which a digest or a plain value was found; `within` may name a part of the tables."""
    places: set[str] = set()
    tables = [one.name for one in await relations(admin) if one.is_table and within in one.name]
    for table in tables:
        for row in await admin.fetch(select("*", table)):
            for column, value in row.items():
                if any(_gives(piece, wanted) for piece in pieces(value)):
                    places.add(f"{table}.{column}")
    return places


def _gives(piece: bytes, wanted: set[bytes]) -> bool:
    slices = (piece[n : n + PREFIX] for n in range(len(piece) - PREFIX + 1))
    return PLAIN.search(piece) is not None or not wanted.isdisjoint(slices)


PLAIN = re.compile(
    rb"stolen-\d+@|7017406\d\d|84650[45]\d\d\b|9001012385|0002292399|6408233234", re.IGNORECASE
)


@pytest.fixture(scope="module")
async def stolen(breakable: Clone, ring: KeyRing) -> AsyncIterator[Stolen]:
    url = await breakable()
    database = open_database(url, ring, ISSUER)
    transport = httpx2.ASGITransport(create_app(deployment(database, ring, ISSUER)))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        driver = Driver(client, await first_admin(database, ring))
        bodies = [*await plant(driver), *await import_lists(driver)]
    await database.dispose()
    admin = await superuser(url)
    yield Stolen(admin, bodies)
    await admin.close()


async def plant(driver: Driver) -> list[bytes]:
    """More than 2,000 people's identifiers; the requests about one of them only."""
    sender, agent = await driver.controller(), await driver.agent()
    mandate = await driver.mandate(agent)
    identifiers = [{"type": "phone", "value": one} for one in PHONES]
    identifiers += [{"type": "email", "value": one} for one in EMAILS]
    said = [objection(mandate["id"], [sender.id], identifiers=[one]) for one in identifiers]
    for first in range(SINGLES, len(said), BATCH):
        items = said[first : first + BATCH]
        key = f"stolen-{first}"
        answer = await driver.post("/v1/objections/batch", {"items": items}, agent, Idempotency_Key=key)
        assert answer.json()["counts"] == {"items": len(items), "done": len(items), "refused": 0}
    for number in PERSONAL_NUMBERS:
        await driver.mandate(agent, grantor={"type": "personal_number", "value": number, "country": "SE"})
    asked = [question(sender.id, one) for one in PHONES[:SINGLES]]
    sent: list[bytes] = []
    for path, body, who in [
        *(("/v1/objections", one, agent) for one in said[:SINGLES]),
        *(("/v1/lookups", one, sender) for one in asked),
    ]:
        sent.append(await _posted(driver, path, body, who.headers))
    return [
        one for body in sent for one in (body, b"POST /v1/objections\n" + body, b"POST /v1/lookups\n" + body)
    ]


async def import_lists(driver: Driver) -> list[bytes]:
    """Lists of a national register with one number each, as they were sent."""
    headers = {**(await driver.admin()).headers, "Content-Type": "text/plain"}
    path = "/v1/registers/nix_phone/imports?version_date=2026-11-01"
    lists = [f"{one}\n".encode() for one in PHONES[:IMPORTED]]
    for content in lists:
        answer = await driver.client.post(path, content=content, headers=headers)
        assert answer.status_code == 201, answer.text
    return lists


async def _posted(driver: Driver, path: str, body: Json, headers: dict[str, str]) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    typed = {**headers, "Content-Type": "application/json", "Idempotency-Key": token_hex(8)}
    answer = await driver.client.post(path, content=content, headers=typed)
    assert answer.status_code in {200, 201}, answer.text
    return content


async def test_neither_a_plain_value_nor_a_digest_of_one_is_in_any_column(stolen: Stolen) -> None:
    assert len(PHONES) + len(EMAILS) + len(PERSONAL_NUMBERS) >= 2000
    assert await recovered(stolen.admin, digests(spellings())) == set()


async def test_nor_a_digest_of_a_request_of_which_all_but_one_number_is_known(stolen: Stolen) -> None:
    assert len(stolen.bodies) == 6 * SINGLES + IMPORTED
    assert await recovered(stolen.admin, digests(stolen.bodies)) == set()


LEAKS = {
    "a name": "UPDATE registry.party SET name = 'stolen-7@example.com' WHERE kind = 'agent'",
    "a digest as bytes": "UPDATE registry.event SET request_digest = sha256('+46701740605'::bytea)",
    "half a digest as a uuid": "UPDATE registry.entry SET fingerprint = md5('stolen-7@example.com')::uuid",
    "a digest in JSON": "UPDATE registry.event SET detail = jsonb_build_object('who', md5('46701740605'))",
    "a digest within other bytes": "UPDATE vault.sealed SET ciphertext = 'x' || sha256('+46701740605')",
    "a digest in a signed text": "UPDATE registry.mandate SET claims_digest = translate(encode(convert_to("
    "'{\"sha\":\"' || encode(sha256('+46701740605'), 'hex') || '\"}', 'UTF8'), 'base64'), E'+/=\\n', '-_')",
}


@pytest.mark.parametrize("leak", LEAKS)
async def test_what_did_leak_would_be_found(stolen: Stolen, leak: str) -> None:
    planted = stolen.admin.transaction()
    await planted.start()
    await stolen.admin.execute(LEAKS[leak])
    found = await recovered(stolen.admin, digests(spellings()), within=LEAKS[leak].split()[1])
    await planted.rollback()
    assert len(found) == 1
