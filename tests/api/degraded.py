"""What a registry that cannot read its facts must do: answer what needs none, and nothing else, at once."""

import time
from typing import Any

from tests.registry_driver import Driver, Json, Party, email

SECONDS = 2
LAW: Json = {"purpose": "legal_notice", "legal_basis_ref": "1 kap. 2 §"}
WITHOUT_FACTS: list[Json] = [{"purpose": "emergency"}, LAW, {"purpose": "rights_reply"}]
WITH_FACTS: list[Json] = [
    {"purpose": "marketing"},
    {"purpose": "fundraising", "channel": "voice_live"},
    {"purpose": "political", "channel": "post_addressed"},
    {"purpose": "research"},
    {"purpose": "winback"},
    {"purpose": "service", "promo": True},
    {"purpose": "service", "service_id": "news"},
    {"purpose": "societal_public", "channel": "voice_live"},
]


async def assert_no_answer(registry: Driver, sender: Party, named: Json) -> None:
    """503 for whatever rests on facts; DEGRADED_ALLOW for the few that do not, each within two seconds.
    `named` has the source, if the questions name one."""
    for fields in WITH_FACTS:
        answer, seconds = await timed(registry, sender, fields | named)
        assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE"), fields
        assert answer.headers["retry-after"] == "1"
        assert "results" not in answer.json()
        assert seconds < SECONDS
    for fields in WITHOUT_FACTS:
        answer, seconds = await timed(registry, sender, fields | named)
        assert answer.status_code == 200, fields
        assert_degraded(answer.json())
        assert seconds < SECONDS
    service, _ = await timed(registry, sender, {"purpose": "service"})
    assert service.json()["results"][0]["code"] in {"SERVICE", "DEGRADED_ALLOW"}
    if named:
        service, _ = await timed(registry, sender, {"purpose": "service"} | named)
        assert service.status_code == 503


def assert_degraded(found: Json) -> None:
    """Readable items are allowed with the code that says how, unreadable ones blocked as always."""
    codes = [(one["decision"], one["code"]) for one in found["results"]]
    assert codes == [("allow", "DEGRADED_ALLOW"), ("block", "INPUT_INVALID")]
    assert found["as_of"] is None
    assert found["receipt"] is not None
    assert found["counts"] == {"asked": 2, "allow": 1, "block": 1, "invalid": 1}


async def timed(registry: Driver, sender: Party, fields: Json) -> tuple[Any, float]:
    """The answer about somebody unknown and somebody unreadable, and how long it took."""
    start = time.monotonic()
    answer = await registry.ask(sender, email(), "abc", **fields)
    return answer, time.monotonic() - start
