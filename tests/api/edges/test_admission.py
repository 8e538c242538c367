"""A place for every party: what is over its quota is refused before it is read, and nobody else notices."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.api.admission import Admission
from app.crypto.keys import KeyRing
from app.crypto.tokens import VerificationKeys, issue_access_token
from app.crypto.verified_tokens import VerifiedTokens
from app.domain.quotas import Quota

ISSUER = "https://registry.example.com"
RING = KeyRing.generate()
SMALL = Quota(items=100, seconds=60, requests=2, body_bytes=1_000)


class Behind:
    """What stands behind the admission: answers how much has come, once it is let go on."""

    def __init__(self) -> None:
        self.asked = 0
        self.waits = False
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        self.begun.put_nowait(self.asked)
        if self.waits:
            await self.go_on.wait()
        body = await Request(scope, receive).body()
        await PlainTextResponse(str(len(body)))(scope, receive, send)


def token() -> dict[str, str]:
    """Of a party of its own."""
    made, _ = issue_access_token(
        RING.token_key,
        issuer=ISSUER,
        audience=ISSUER,
        client_id=str(uuid4()),
        party_id=str(uuid4()),
        role="sender",
        scope="sender",
        now=datetime.now(UTC),
        jti=str(uuid4()),
    )
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
async def client(behind: Behind) -> AsyncIterator[httpx2.AsyncClient]:
    tokens = VerifiedTokens(VerificationKeys([RING.token_key.public_jwk()]), ISSUER)
    transport = httpx2.ASGITransport(Admission(behind, SMALL, tokens))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


async def test_over_the_quota_the_answer_says_what_and_for_how_long(
    client: httpx2.AsyncClient, behind: Behind
) -> None:
    mine = token()
    assert (await client.post("/", content=b"x" * 16 * 200, headers=mine)).text == "3200"
    refused = await client.post("/", content=b"x", headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert 59 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["RateLimit"] == f'"items";r=0;t={refused.headers["Retry-After"]}'
    assert refused.headers["RateLimit-Policy"] == SMALL.policies
    assert behind.asked == 1
    assert (await client.post("/", content=b"x", headers=token())).status_code == 200


async def test_a_party_has_so_many_requests_in_hand_and_others_have_their_own(
    client: httpx2.AsyncClient, behind: Behind
) -> None:
    mine, behind.waits = token(), True
    working = [asyncio.create_task(client.post("/", content=b"x", headers=mine)) for _ in range(2)]
    assert [await behind.begun.get() for _ in working] == [1, 2]
    refused = await client.post("/", content=b"x", headers=mine)
    assert (refused.status_code, refused.headers["RateLimit"]) == (429, '"requests";r=0;t=1')
    behind.waits = False
    assert (await client.post("/", content=b"x", headers=token())).status_code == 200
    behind.go_on.set()
    assert [one.status_code for one in await asyncio.gather(*working)] == [200, 200]
    assert (await client.post("/", content=b"x", headers=mine)).status_code == 200


async def test_one_large_body_at_a_time_has_a_place_whatever_its_size(
    client: httpx2.AsyncClient, behind: Behind
) -> None:
    mine, behind.waits = token(), True
    working = asyncio.create_task(client.post("/", content=b"x" * 1_200, headers=mine))
    assert await behind.begun.get() == 1
    refused = await client.post("/", content=b"x", headers=mine)
    assert (refused.status_code, refused.headers["RateLimit"]) == (429, '"bytes";r=0;t=1')
    behind.go_on.set()
    assert (await working).status_code == 200


async def test_a_body_without_a_length_comes_as_fast_as_the_quota_lets_it(behind: Behind) -> None:
    quick = Quota(items=100, seconds=1)
    tokens = VerifiedTokens(VerificationKeys([RING.token_key.public_jwk()]), ISSUER)
    transport = httpx2.ASGITransport(Admission(behind, quick, tokens))

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 16 * 32

    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        begun = time.monotonic()
        answer = await client.post("/", content=pieces(), headers=token())
        assert answer.text == str(4 * 16 * 32)
        assert time.monotonic() - begun > 0.2


async def test_without_a_valid_token_nothing_is_counted(client: httpx2.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        for _ in range(2):
            answer = await client.post("/", content=b"x" * 16 * 200, headers=headers)
            assert answer.status_code == 200


async def test_to_admit_a_request_takes_no_time_worth_mentioning(behind: Behind) -> None:
    """The best of some rounds, against the same without: machines have other things to do."""
    tokens = VerifiedTokens(VerificationKeys([RING.token_key.public_jwk()]), ISSUER)

    async def at_once(_scope: Scope, _receive: Receive, _send: Send) -> None:
        behind.asked += 1

    async def nothing(*_: object) -> None:
        return None

    headers = [(name.lower().encode(), value.encode()) for name, value in token().items()]
    scope = {"type": "http", "headers": [(b"host", b"r"), (b"content-length", b"90"), *headers]}
    took = []
    for app in (at_once, Admission(at_once, Quota(), tokens)):
        rounds = []
        for _ in range(20):
            begun = time.perf_counter()
            for _ in range(500):
                await app(dict(scope), nothing, nothing)  # type: ignore[arg-type]  # neither is called
            rounds.append((time.perf_counter() - begun) / 500)
        took.append(min(rounds) * 1e6)
    print(f"admission takes {took[1] - took[0]:.1f} µs")
    assert took[1] - took[0] < 40
