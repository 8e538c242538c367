"""Ninety days of silence about a contested mandate void it, and no day less."""

from datetime import UTC, datetime, timedelta

from app.crypto.keys import KeyRing
from app.domain.mandate_doubt import SILENCE
from app.main import open_database
from app.usecases.void_silent import void_silent
from tests.conftest import Clone
from tests.registry_driver import ISSUER, served


async def test_silence_voids_what_is_contested_and_nothing_else(clone: Clone, ring: KeyRing) -> None:
    url = await clone()
    database = open_database(url, ring, ISSUER)
    async with served(url, ring) as registry:
        agent = await registry.agent()
        sender, other = await registry.controller(), await registry.controller()
        doubted, cleared = await registry.mandate(agent), await registry.mandate(agent)
        made = await registry.objection(agent, doubted, [sender.id])
        await registry.objection(agent, cleared, [other.id])
        for mandate, finding in ((doubted, "forged"), (cleared, "forged"), (cleared, "genuine")):
            path, body = f"/v1/mandates/{mandate['id']}/contest", {"reason": "Complaint", "finding": finding}
            assert (await registry.post(path, body, await registry.admin())).status_code == 200
        now = datetime.now(UTC)
        assert await void_silent(database, now + SILENCE - timedelta(minutes=5)) == 0
        assert await registry.code(sender) == ("block", "OBJ_CONTESTED")
        assert await void_silent(database, now + SILENCE) == 1
        assert (await registry.code(sender))[0] == "allow"
        assert await registry.code(other) == ("block", "OBJ_DM")
        assert await void_silent(database, now + SILENCE) == 0
        shown = (await registry.get(f"/v1/mandates/{doubted['id']}", agent)).json()
        assert shown["state"] == "void"
        path = f"/v1/objections/{made['id']}/events"
        last = (await registry.get(path, agent)).json()["items"][-1]
        assert (last["kind"], last["actor_role"]) == ("objection.voided", None)
    await database.dispose()
