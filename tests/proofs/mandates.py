"""P12: forged mandates are not believed: 0 of them reach L3, and none carries an objection.

Every forgery that is known of a BankID signature and of a Freja statement, under a mandate in each language;
and every hostile token, taken for the signature of an agent who has registered the very key that it names.
The genuine signature that each departs from is believed, or the forgeries would show nothing.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

from structlog.testing import capture_logs

from app.crypto.bankid.chain import trust_in
from app.crypto.keys import KeyRing
from tests.api import test_mandates_bankid as bank
from tests.api import test_mandates_eid as eid
from tests.crypto.bankid import forgeries as of_bankid
from tests.crypto.eid import forgeries as of_eid
from tests.crypto.eid.stating import genuine, issuers
from tests.crypto.forging import RING
from tests.crypto.hostile_tokens import HOSTILE
from tests.proofs.own_registry import founded
from tests.registry_driver import Driver, Json, Party, claims, served

LANGUAGES = {False: ("sv",), True: ("sv", "da", "nb", "en")}
_REFUSED = {400, 413, 422}
"""At the door: nothing was registered."""


async def check(driver: Driver, *, full: bool) -> dict[str, Any]:
    agent, sender = await driver.agent(), await driver.controller()
    await bank.named(driver, agent)
    await eid.named(driver, agent)
    violations: list[str] = []
    noticed: Counter[str] = Counter()
    for language in LANGUAGES[full]:
        template = {"id": "objection-mandate", "version": 1, "language": language}
        async for what, check, made in _all(driver, agent, template):
            told = f"{what} ({language})"
            if check is None:
                violations += [] if made["level"] == "L3" else [f"{told}: genuine, and not believed"]
                continue
            noticed[check] += 1
            violations += [f"{told}: {one}" for one in await _believed(driver, (agent, sender), made, check)]
    violations += await _tokens(driver) if full else []
    found = {"noticed_by": dict(noticed), "violations": violations}
    return {"forged": noticed.total(), "tokens": len(HOSTILE) if full else 0, **found}


async def _all(driver: Driver, agent: Party, template: Json) -> AsyncIterator[tuple[str, str | None, Json]]:
    """Each forgery as it was registered, with the check that has to notice it; the genuine ones have none."""
    request, order = await bank.ordered(driver, agent, template=template)
    yield "BankID", None, await bank.posted(driver, agent, request, order.answer())
    for forgery in of_bankid.FORGERIES:
        request, order = await bank.ordered(driver, agent, template=template)
        made = await bank.posted(driver, agent, request, forgery.make(order))
        yield f"BankID, {forgery.name}", forgery.noticed, made
    request, statement = await eid.asked(driver, agent, template=template)
    yield "Freja", None, await eid.posted(driver, agent, request, genuine(statement))
    for other in of_eid.FORGERIES:
        request, statement = await eid.asked(driver, agent, template=template)
        made = await eid.posted(driver, agent, request, other.make(statement))
        yield f"Freja, {other.name}", other.noticed, made


async def _believed(driver: Driver, parties: tuple[Party, Party], made: Json, noticed: str) -> list[str]:
    """In what a forgery was believed."""
    agent, sender = parties
    wrong = []
    if (made["state"], made["level"]) != ("rejected", "L0"):
        wrong.append(f"{made['state']} at {made['level']}")
    if bank.outcomes(made)[noticed] != "failed":
        wrong.append(f"not noticed by {noticed}")
    refused = await driver.object_to(agent, made, [sender.id])
    if (refused.status_code, refused.json().get("code")) != (403, "SIGNATURE_INVALID"):
        wrong.append(f"an objection under it is answered {refused.status_code}")
    return wrong


async def _tokens(driver: Driver) -> list[str]:
    """The agent signs with the key that the hostile tokens were made for."""
    agent = await driver.agent(keys=[dict(key) for key in RING.public_jwks()])
    honest = await driver.agent()
    violations = []
    if (await driver.mandate(honest))["level"] != "L1":
        violations.append("the genuine signature of an agent is not believed")
    for name, case in HOSTILE.items():
        status, level = await _as_a_token(driver, agent, case.token)
        if not (level == "L0" if status == 201 else status in _REFUSED):
            violations.append(f"a token that is no signature is answered {status} at {level}: {name}")
    return violations


async def _as_a_token(driver: Driver, agent: Party, token: str) -> tuple[int, str | None]:
    """Status and level of a mandate whose evidence is a hostile token."""
    body = {**claims(), "evidence": {"kind": "agent_jws", "jws": token[:8192]}}
    # Half a surrogate can be written in JSON as an escape, and in no other way.
    headers = {**agent.headers, "Content-Type": "application/json"}
    answer = await driver.client.post("/v1/mandates", content=json.dumps(body).encode(), headers=headers)
    return answer.status_code, answer.json().get("level")


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """The seed changes nothing: all forgeries are tried."""
    began = monotonic()

    async def whole() -> dict[str, Any]:
        ring = KeyRing.generate()
        with capture_logs():
            async with founded(ring) as url:
                trust = trust_in([bank.BANK.root_certificate()], test=True)
                async with served(url, ring, trust, eid=issuers()) as driver:
                    return await check(driver, full=full)

    found = asyncio.run(whole())
    return {"seed": seed, "full": full, "seconds": round(monotonic() - began, 1), **found}
