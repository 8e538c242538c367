"""P12: forged mandates are not believed: 0 of them reach L3, and none carries an objection.

Every forgery that is known, under a mandate in each language; and each of those that are taken for an
agent's own signature. The genuine signature that each departs from is believed, or the forgeries would show
nothing.
"""

import asyncio
import json
from collections import Counter
from time import monotonic
from typing import Any

from structlog.testing import capture_logs

from app.crypto.bankid.chain import trust_in
from app.crypto.keys import KeyRing
from tests.api.test_mandates_bankid import BANK, named, ordered, outcomes, posted
from tests.crypto.bankid.forgeries import FORGERIES, Forgery
from tests.crypto.hostile_tokens import HOSTILE
from tests.proofs.own_registry import founded
from tests.registry_driver import Driver, Party, claims, served, signed_mandate

LANGUAGES = {False: ("sv",), True: ("sv", "da", "nb", "en")}


async def check(driver: Driver, *, full: bool) -> dict[str, Any]:
    agent, sender = await named(driver, await driver.agent()), await driver.controller()
    violations: list[str] = []
    noticed: Counter[str] = Counter()
    for language in LANGUAGES[full]:
        template = {"id": "objection-mandate", "version": 1, "language": language}
        request, order = await ordered(driver, agent, template=template)
        if (await posted(driver, agent, request, order.answer()))["level"] != "L3":
            violations.append(f"the genuine signature in {language} is not believed")
        for forgery in FORGERIES:
            violations += await _forged(driver, (agent, sender), forgery, language, noticed)
    tokens = 0
    for name, case in HOSTILE.items() if full else ():
        tokens += 1
        level = await _as_a_token(driver, agent, case.token)
        if level not in {None, "L0"}:
            violations.append(f"a token that is no signature is believed at {level}: {name}")
    forged = sum(noticed.values())
    return {"forged": forged, "tokens": tokens, "noticed_by": dict(noticed), "violations": violations}


async def _forged(
    driver: Driver, parties: tuple[Party, Party], forgery: Forgery, language: str, noticed: Counter[str]
) -> list[str]:
    agent, sender = parties
    template = {"id": "objection-mandate", "version": 1, "language": language}
    request, order = await ordered(driver, agent, template=template)
    made = await posted(driver, agent, request, forgery.make(order))
    refused = await driver.object_to(agent, made, [sender.id])
    noticed[forgery.noticed] += 1
    wrong = []
    if (made["state"], made["level"]) != ("rejected", "L0"):
        wrong.append(f"{forgery.name} ({language}): {made['state']} at {made['level']}")
    if outcomes(made)[forgery.noticed] != "failed":
        wrong.append(f"{forgery.name} ({language}): not noticed by {forgery.noticed}")
    if refused.status_code == 201:
        wrong.append(f"{forgery.name} ({language}): an objection was taken under it")
    return wrong


async def _as_a_token(driver: Driver, agent: Party, token: str) -> str | None:
    """The level of a mandate whose evidence is a hostile token; None if it was refused at the door."""
    body = signed_mandate(agent, **{k: v for k, v in claims().items() if k != "signed_at"})
    body["evidence"] = {"kind": "agent_jws", "jws": token[:8192]}
    # Half a surrogate can be written in JSON as an escape, and in no other way.
    headers = {**agent.headers, "Content-Type": "application/json"}
    answer = await driver.client.post("/v1/mandates", content=json.dumps(body).encode(), headers=headers)
    return str(answer.json()["level"]) if answer.status_code == 201 else None


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """The seed changes nothing: all forgeries are tried."""
    began = monotonic()

    async def whole() -> dict[str, Any]:
        ring = KeyRing.generate()
        with capture_logs():
            async with founded(ring) as url:
                trust = trust_in([BANK.root_certificate()], test=True)
                async with served(url, ring, trust) as driver:
                    return await check(driver, full=full)

    found = asyncio.run(whole())
    return {"seed": seed, "full": full, "seconds": round(monotonic() - began, 1), **found}
