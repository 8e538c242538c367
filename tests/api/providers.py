"""Plays a provider: makes connections, and calls back with real signatures."""

from base64 import b64encode
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

import httpx2
from twilio.request_validator import RequestValidator

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BASIC = {"username": "provider", "password": "a-password"}


@dataclass
class Line:
    """One connection, and how its provider proves itself."""

    registry: Driver
    url: str
    id: str
    secrets: Json

    async def send(self, body: bytes, headers: Json) -> httpx2.Response:
        return await self.registry.client.post(self.url, content=body, headers=headers)

    def basic(self) -> Json:
        pair = f"{self.secrets['username']}:{self.secrets['password']}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}

    def twilio(self, form: Json) -> Json:
        validator = RequestValidator(self.secrets["auth_token"])
        return {**FORM, "X-Twilio-Signature": validator.compute_signature(self.url, form)}

    async def text(self, number: str, said: str, **fields: Any) -> httpx2.Response:
        """A text message that came to Twilio."""
        form = {"MessageSid": f"SM{token_hex(16)}", "From": number, "Body": said, **fields}
        return await self.send(urlencode(form).encode(), self.twilio(form))


async def connect(registry: Driver, controller: Party, source: str, secrets: Json, **fields: Any) -> Line:
    body = {"controller_id": controller.id, "source": source, "secrets": secrets, **fields}
    made = await registry.made("/v1/intake/connections", body)
    return Line(registry, made["url"], made["id"], secrets)


async def journal(url: str, object_id: str) -> list[Json]:
    """What the journal says of a connection or an entry, oldest first."""
    admin = await superuser(url)
    rows = await admin.fetch(
        "SELECT kind, outcome, detail::text AS detail FROM registry.event"
        " WHERE object_id = $1::uuid ORDER BY id",
        object_id,
    )
    await admin.close()
    return [dict(row) for row in rows]
