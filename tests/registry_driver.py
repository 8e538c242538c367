"""Drives a registry over HTTP as its users do: admins, agents with real keys, senders, customer service."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any

import httpx2
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

from app.crypto.bankid.chain import Trust
from app.crypto.eid_issuers import NOBODY, Issuers
from app.crypto.keys import KeyRing
from app.jobs.washes import work
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from app.usecases.issue_credential import issue_first_admin
from app.usecases.receive_wash import Laundry

ISSUER = "http://registry.test"

Json = dict[str, Any]

ANNA: Json = {"type": "personal_number", "value": "199001012385", "country": "SE", "name": "Anna Test"}
PHONE = "+46701740605"
EMAIL = "anna.test@example.com"
GIVEN: Json = {
    "given_by": "person",
    "names_controller": True,
    "evidence": {"method": "form", "reference": "web form 17"},
}
"""What makes a consent one to rely on."""


async def first_admin(database: Database, ring: KeyRing) -> Json:
    """The credential that `sparr up` writes to admin.json in a fresh folder."""
    client_id, secret = await issue_first_admin(database, ring.credential_key, datetime.now(UTC))
    return {"client_id": str(client_id), "client_secret": secret}


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_RENEWED_SECONDS = 300


@dataclass
class Party:
    """A registered party with a credential, and a token when it needs one."""

    id: str
    role: str
    credential: Json
    token: str
    key: ECKey | None = None
    extra: Json = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Driver:
    """Every method is one HTTP request, or a few that belong together."""

    def __init__(self, client: httpx2.AsyncClient, admin: Json) -> None:
        self.client = client
        self._admin_credential = admin
        self._admin: Party | None = None
        self._admin_since = 0.0

    async def token(self, credential: Json) -> str:
        form = {"grant_type": "client_credentials", **credential}
        answer = await self.client.post("/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def admin(self) -> Party:
        """The first admin, with a token that still holds when all tests of a process share it."""
        if self._admin is None or monotonic() - self._admin_since > _RENEWED_SECONDS:
            self._admin_since = monotonic()
            token = await self.token(self._admin_credential)
            self._admin = Party("", "admin", self._admin_credential, token)
        return self._admin

    async def post(self, path: str, body: Any, who: Party | None = None, **headers: str) -> httpx2.Response:
        sent = {**(who.headers if who else {}), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.client.post(path, json=body, headers=sent)

    async def get(self, path: str, who: Party | None = None, **headers: str) -> httpx2.Response:
        sent = {**(who.headers if who else {}), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.client.get(path, headers=sent)

    async def made(self, path: str, body: Any, who: Party | None = None) -> Json:
        answer = await self.post(path, body, who or await self.admin())
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def credential(self, party_id: str, role: str) -> Party:
        made = await self.made("/v1/credentials", {"party_id": party_id, "role": role})
        credential = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        return Party(party_id, role, credential, await self.token(credential))

    async def controller(self, role: str = "sender", **fields: Any) -> Party:
        body = {"name": "NF", "org_no": org_no(), "country": "SE", **fields}
        made = await self.made("/v1/controllers", body)
        party = await self.credential(made["id"], role)
        party.extra = {"org_no": body["org_no"]}
        return party

    async def agent(self, **fields: Any) -> Party:
        key = ECKey.generate_key("P-256", {"kid": f"agent-{token_hex(4)}"})
        public = key.as_dict(private=False)
        body = {"name": "A1", "org_no": org_no(), "country": "SE", "keys": [public], **fields}
        made = await self.made("/v1/agents", body)
        party = await self.credential(made["id"], "agent")
        party.key = key
        return party

    async def processor(self, *controllers: Party) -> Party:
        body = {"name": "PR", "org_no": org_no(), "acts_for": [c.id for c in controllers]}
        return await self.credential((await self.made("/v1/processors", body))["id"], "sender")

    async def source(self, purposes: Any = "all") -> Party:
        body = {"name": "KX", "org_no": org_no(), "default_purposes": purposes}
        return await self.credential((await self.made("/v1/sources", body))["id"], "source")

    async def staff(self, role: str = "admin") -> Party:
        """A further admin, or an auditor: they are the registry's own."""
        made = await self.made("/v1/credentials", {"role": role})
        credential = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        return Party(made["party_id"], role, credential, await self.token(credential))

    async def mandate(self, agent: Party, **fields: Any) -> Json:
        answer = await self.post("/v1/mandates", signed_mandate(agent, **fields), agent)
        assert answer.status_code == 201, answer.text
        mandate: Json = answer.json()
        return mandate

    async def object_to(
        self, agent: Party, mandate: Json, controllers: Any, **fields: Any
    ) -> httpx2.Response:
        body = objection(mandate["id"], controllers, **fields)
        return await self.post("/v1/objections", body, agent, Idempotency_Key=token_hex(8))

    async def objection(self, agent: Party, mandate: Json, controllers: Any, **fields: Any) -> Json:
        answer = await self.object_to(agent, mandate, controllers, **fields)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def desk(self, controller: Party) -> Party:
        """Customer service of a controller that is registered already."""
        return await self.credential(controller.id, "customer_service")

    async def enter(self, desk: Party, identifier: Any, kind: str = "dnc", **fields: Any) -> httpx2.Response:
        """Customer service puts a person's wish in force."""
        return await self.post("/v1/entries", {"kind": kind, "identifier": identifier, **fields}, desk)

    async def consent(self, desk: Party, identifier: Any, **fields: Any) -> Json:
        """Customer service records a consent that can be relied on, given just now."""
        body = {"identifier": identifier, "channels": ["sms"], "purposes": ["marketing"], **GIVEN}
        return await self.made("/v1/consents", {**body, "given_at": iso(datetime.now(UTC)), **fields}, desk)

    async def relationship(self, desk: Party, identifier: Any, kind: str = "customer", **fields: Any) -> Json:
        """Customer service records a customer of its own sale, or a member, for a year."""
        sale = dict.fromkeys(("collected_in_sale", "informed", "could_refuse"), True)
        since = iso(datetime.now(UTC) - timedelta(days=365))
        body = {"identifier": identifier, "kind": kind, "since": since, **sale, **fields}
        return await self.made("/v1/relationships", body, desk)

    async def block_at(self, source: Party, identifier: Any, **fields: Any) -> httpx2.Response:
        """A source blocks a person at its own lists."""
        return await self.post(
            f"/v1/sources/{source.id}/blocks", {"identifier": identifier, **fields}, source
        )

    async def ask(self, sender: Party, *identifiers: Any, **fields: Any) -> httpx2.Response:
        """A lookup, answered or not."""
        return await self.post("/v1/lookups", question(sender.id, *identifiers, **fields), sender)

    async def look_up(self, sender: Party, *identifiers: Any, **fields: Any) -> Json:
        answer = await self.post("/v1/lookups", question(sender.id, *identifiers, **fields), sender)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def code(self, sender: Party, identifier: Any = PHONE, **fields: Any) -> tuple[str, str]:
        """Decision and code for one identifier."""
        result = (await self.look_up(sender, identifier, **fields))["results"][0]
        return result["decision"], result["code"]


def email() -> Json:
    """The address of somebody whom no other test knows."""
    return {"type": "email", "value": f"{token_hex(8)}@example.com"}


@asynccontextmanager
async def served(
    url: str,
    ring: KeyRing,
    bankid: Trust | None = None,
    laundry: Laundry | None = None,
    eid: Issuers = NOBODY,
) -> AsyncIterator[Driver]:
    """A registry of its own, over the database of a URL; with a laundry somebody does the washes, too."""
    database = open_database(url, ring, ISSUER, bankid=bankid, eid=eid)
    parts = deployment(database, ring, ISSUER, metrics_token="metrics-token", laundry=laundry)
    working = asyncio.create_task(work(database, laundry)) if laundry else None
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, await first_admin(database, ring))
    if working:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    await database.dispose()


def question(controller_id: str, *identifiers: Any, **fields: Any) -> Json:
    base = {"controller_id": controller_id, "channel": "sms", "purpose": "marketing", "region": "SE"}
    return {**base, "identifiers": list(identifiers), **fields}


def objection(mandate_id: str, controllers: Any, **fields: Any) -> Json:
    base = {"mandate_id": mandate_id, "kinds": ["art21_2"], "controllers": controllers, "channels": "all"}
    base["identifiers"] = [{"type": "phone", "value": "070-174 06 05", "region": "SE"}]
    return {**base, **fields}


def org_no() -> str:
    return "55" + str(int(token_hex(6), 16) % 10**8).zfill(8)


def claims(**fields: Any) -> Json:
    """A mandate's claims, in force for a year from an hour ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    base: Json = {
        "grantor": ANNA,
        "rights": ["object_dm"],
        "controllers": "all",
        "channels": "all",
        "identifiers": [{"type": "phone", "value": "070-174 06 05", "region": "SE"}],
        "valid_from": iso(now - timedelta(hours=1)),
        "valid_to": iso(now + timedelta(days=365)),
        "signed_at": iso(now - timedelta(minutes=30)),
        "template": {"id": "objection-mandate", "version": 1, "language": "sv"},
        "keep_if_unknown": True,
    }
    return {**base, **fields}


def signed_mandate(agent: Party, **fields: Any) -> Json:
    """A mandate request with real evidence: the agent's own key over the digest of the canonical claims."""
    request = claims(**fields)
    request.setdefault("reference", "A1-0001")
    request.setdefault("evidence", {"kind": "agent_jws", "jws": evidence_jws(agent, request)})
    return request


def evidence_jws(agent: Party, request: Json, **header: Any) -> str:
    assert agent.key is not None
    stated = {k: v for k, v in request.items() if k not in {"evidence", "reference"}}
    digest = "sha256:" + hashlib.sha256(rfc8785.dumps(stated)).hexdigest()
    protected = {"alg": "ES256", "kid": agent.key.kid, **header}
    return jws.serialize_compact(protected, json.dumps({"claims_digest": digest}), agent.key)
