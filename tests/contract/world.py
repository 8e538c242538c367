"""What the examples speak of, made real: every id, secret and signature of an example has its counterpart in
a registry that was just furnished for it."""

import json
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx2

from app.storage.database import Database
from app.usecases.receive_wash import Laundry
from app.usecases.run_wash import run_wash, take_wash
from tests.registry_driver import Driver, Json, Party, evidence_jws

CONTROLLER = "01920000-0000-7000-8000-0000000000c1"
AGENT = "01920000-0000-7000-8000-0000000000a1"
CREDENTIAL = "01920000-0000-7000-8000-0000000000b1"
MANDATE = "01920000-0000-7000-8000-0000000000d1"
OBJECTION = "01920000-0000-7000-8000-0000000000d2"
NEWER = "01920000-0000-7000-8000-0000000000d4"
SCANNED = "01920000-0000-7000-8000-0000000000d5"
ENTRY = "01920000-0000-7000-8000-0000000000e1"
SOURCE = "01920000-0000-7000-8000-0000000000f1"
CONSENT = "01920000-0000-7000-8000-0000000000e2"
RELATIONSHIP = "01920000-0000-7000-8000-0000000000e3"
GENERAL = "01920000-0000-7000-8000-0000000000d3"
IMPORT = "01920000-0000-7000-8000-0000000000f3"
CONNECTION = "01920000-0000-7000-8000-0000000000f4"
WASH = "01920000-0000-7000-8000-0000000000f5"
LOOKUP = "01920000-0000-7000-8000-0000000000f2"
POSITION = "1234.50.cG9zaXRpb24gb2YgYW4gZXhhbXBsZQ"
SECRET = "sk_ZXhhbXBsZSBvZiBhIHNlY3JldCB0aGF0IGlzIG5vbmUu"
LINK = "c2VhbGVkIGNvbnRlbnQgb2YgYW4gZXhhbXBsZQ"
RECEIPT = "eyJhbGciOiJFUzI1NiIsInR5cCI6Imxvb2t1cC1yZWNlaXB0K2p3cyJ9.eyJhc2tlZCI6NX0.c2lnbmF0dXJl"

# An objection that is weighed, and not absolute.
WEIGHED: Json = {
    "kinds": ["art21_1"],
    "channels": "all",
    "origin": "self",
    "evidence": {"method": "letter", "reference": "case 2026-1107"},
}
# What must have happened before an example can be sent.
BEFORE: dict[str, tuple[str, Json]] = {
    "resume_agent": ("/v1/agents/{agent_id}/suspend", {"reason": "to be resumed"}),
    "post_erasure": (
        "/v1/sources/{source_id}/blocks",
        {"identifier": {"type": "phone", "value": "+46701740621"}},
    ),
}
ASKED = {"channel": "sms", "purpose": "marketing", "region": "SE"}
QUERIES: dict[str, dict[str, Any]] = {
    "list_changes": {"after": POSITION, "limit": 2},
    "import_register_list": {"version_date": "2026-03-01"},
    "post_lookup_stream": ASKED,
    "post_wash": {**ASKED, "client_reference": "march-2026"},
    "read_journal_entries": {"start": "0", "end": "2"},
    "prove_journal_inclusion": {"index": "0", "size": "2"},
    "prove_journal_consistency": {"from": "1", "to": "2"},
    "read_mandate_proof": {"controller_id": CONTROLLER},
}
"""What stands in the query of an example."""
# Who sends an example, where several roles may.
SPEAKERS = ("agent", "customer_service", "source", "auditor", "admin")


@dataclass(frozen=True)
class World:
    registry: Driver
    parties: dict[str, Party]
    counterparts: dict[str, str]

    def real(self, example: Any) -> Any:
        """An example with everything in it replaced by what is real here."""
        text = json.dumps(example)
        for imagined, counterpart in self.counterparts.items():
            text = text.replace(imagined, counterpart)
        made = json.loads(text)
        if isinstance(made, dict) and made.get("evidence", {}).get("kind") == "agent_jws":
            made["evidence"]["jws"] = evidence_jws(self.parties["agent"], made)
        return made

    async def send(self, method: str, path: str, operation: Json, request: Any) -> httpx2.Response:
        if earlier := BEFORE.get(operation["operationId"]):
            await self.registry.post(self.path_of(earlier[0]), earlier[1], self.parties["admin"])
        headers, sent = self.prepared(operation, request)
        query = self.real(QUERIES.get(operation["operationId"]))
        return await self.registry.client.request(
            method, self.path_of(path), headers=headers, params=query, **sent
        )

    def prepared(self, operation: Json, request: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """The headers and the body of an example, under a new key."""
        media = next(iter(operation.get("requestBody", {}).get("content", {})), None)
        speaker = next((role for role in SPEAKERS if role in operation.get("x-roles", [])), None)
        headers = self.parties[speaker].headers if speaker else {}
        named = {one["name"] for one in operation.get("parameters", [])}
        if "Idempotency-Key" in named:
            headers = {**headers, "Idempotency-Key": token_hex(8)}
        if "Sparr-Purpose" in named:
            headers = {**headers, "Sparr-Purpose": "Complaint 2026-17"}
        body: Any = {"json": request} if media == "application/json" else {"data": request}
        if isinstance(request, str):
            body, headers = {"content": request}, {**headers, "Content-Type": str(media)}
        return headers, body if media else {}

    def path_of(self, template: str) -> str:
        """A path with the ids of this world. The credential of a path is one that nobody needs any more."""
        ids = {
            "{controller_id}": CONTROLLER,
            "{agent_id}": AGENT,
            "{client_id}": CREDENTIAL,
            "{mandate_id}": MANDATE,
            "{objection_id}": OBJECTION,
            "{entry_id}": ENTRY,
            "{source_id}": SOURCE,
            "{consent_id}": CONSENT,
            "{relationship_id}": RELATIONSHIP,
            "{lookup_id}": LOOKUP,
            "{import_id}": IMPORT,
            "{connection_id}": CONNECTION,
            "{wash_id}": WASH,
        }
        if template.endswith("/review"):
            ids["{mandate_id}"] = SCANNED
        if template.endswith("/assess"):
            ids["{objection_id}"] = GENERAL
        template = template.replace("{code}", "nix_phone").replace("{name}", "annotated")
        for name, imagined in ids.items():
            template = template.replace(name, self.counterparts[imagined])
        assert "{" not in template, template
        return template


async def furnish(registry: Driver, laundry: tuple[Database, Laundry]) -> World:
    """One of everything that an example can name. The washes are done with the laundry."""
    service, agent = await registry.controller(role="customer_service"), await registry.agent()
    source, admin = await registry.source(), await registry.admin()
    spare = await registry.credential(service.id, "sender")
    auditor = await registry.made("/v1/credentials", {"role": "auditor"})
    secret = {"client_id": auditor["client_id"], "client_secret": auditor["client_secret"]}
    changes = (await registry.get("/v1/changes", service)).json()
    mandate = await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])
    newer = await registry.mandate(agent)
    paper = {"kind": "document", "media_type": "application/pdf", "content": "JVBERi0xLjcK"}
    scanned = await registry.mandate(agent, evidence=paper)
    made = await registry.objection(agent, mandate, [service.id], reference="A1-obj-0")
    found = await registry.look_up(service, "+46701740605")
    identifier = {"type": "phone", "value": "+46701740611"}
    entry = await registry.made("/v1/entries", {"kind": "dnc", "identifier": identifier}, service)
    consent = await registry.consent(service, identifier)
    relationship = await registry.relationship(service, identifier, since="2025-03-02T09:00:00Z")
    said = WEIGHED | {"controllers": [service.id], "identifiers": [identifier]}
    general = (await registry.post("/v1/objections", said, service, Idempotency_Key=token_hex(8))).json()
    csv = {**service.headers, "Content-Type": "text/csv"}
    file = b"identifier,type,channel\n+46701740613,phone,sms\n"
    imported = await registry.client.post("/v1/imports", content=file, headers=csv)
    provider: Json = {"controller_id": service.id, "source": "46elks", "defaults": {"region": "SE"}}
    provider["secrets"] = {"username": "provider", "password": "a-password"}
    connection = await registry.made("/v1/intake/connections", provider, admin)
    listed = b"id,phone\n1,070-174 06 05\n2,+46701740606\n3,see notes\n"
    washed = await registry.client.post("/v1/washes", content=listed, headers=csv, params=ASKED)
    while wash := await take_wash(laundry[0]):
        await run_wash(*laundry, wash)
    return World(
        registry,
        {
            "agent": agent,
            "customer_service": service,
            "source": source,
            "admin": admin,
            "auditor": Party("", "auditor", secret, await registry.token(secret)),
        },
        {
            CONTROLLER: service.id,
            AGENT: agent.id,
            CREDENTIAL: spare.credential["client_id"],
            MANDATE: mandate["id"],
            NEWER: newer["id"],
            SCANNED: scanned["id"],
            OBJECTION: made["id"],
            ENTRY: entry["id"],
            CONSENT: consent["id"],
            RELATIONSHIP: relationship["id"],
            GENERAL: general["id"],
            SOURCE: source.id,
            LOOKUP: found["lookup_id"],
            IMPORT: imported.json()["id"],
            CONNECTION: connection["id"],
            WASH: washed.json()["id"],
            POSITION: changes["as_of"],
            SECRET: spare.credential["client_secret"],
            RECEIPT: found["receipt"],
        },
    )
