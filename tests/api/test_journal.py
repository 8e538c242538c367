"""The journal over HTTP: what is signed can be fetched, proven and followed."""

from base64 import b64decode
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.crypto.notes import open_checkpoint
from app.domain.merkle import Frontier, is_continued, leaf_hash, root_of_path
from app.storage.database import Database
from app.usecases.follow_journal import follow
from app.usecases.sequence_events import Sequencer
from tests.registry_driver import Driver, Party

CHECKPOINT = "/v1/journal/checkpoint"
PATHS = [
    CHECKPOINT,
    "/v1/journal/entries?start=0&end=10",
    "/v1/journal/proof/inclusion?index=0&size=1",
    "/v1/journal/proof/consistency?from=1&to=1",
]


@pytest.fixture
async def auditor(registry: Driver) -> Party:
    made = await registry.made("/v1/credentials", {"role": "auditor"})
    secret = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    return Party("", "auditor", secret, await registry.token(secret))


async def sequence(database: Database, ring: KeyRing) -> None:
    sequencer = Sequencer(database, ring.journal_key)
    while await sequencer.round():
        pass


async def text_of(registry: Driver, path: str, who: Party | None = None) -> str:
    answer = await registry.client.get(path, headers=who.headers if who else {})
    assert answer.status_code == 200, answer.text
    found: str = answer.text
    return found


async def json_of(registry: Driver, path: str, who: Party) -> Any:
    answer = await registry.client.get(path, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_leaves_and_proofs_lead_to_the_signed_root(
    registry: Driver, auditor: Party, database: Database, ring: KeyRing
) -> None:
    await sequence(database, ring)
    key = await text_of(registry, "/.well-known/journal-key")
    seen = open_checkpoint(await text_of(registry, CHECKPOINT, auditor), key)
    await registry.controller()
    await sequence(database, ring)
    now = open_checkpoint(await text_of(registry, CHECKPOINT, auditor), key)
    assert now.size > seen.size
    entries = await json_of(registry, f"/v1/journal/entries?start=0&end={now.size + 9}", auditor)
    hashes = [leaf_hash(b64decode(one["leaf"])) for one in entries["entries"]]
    tree = Frontier()
    tree.append(hashes[: now.size])
    assert len(hashes) != now.size or tree.root() == now.root
    index = len(hashes) - 1
    path = f"/v1/journal/proof/inclusion?index={index}&size={now.size}"
    proof = [b64decode(one) for one in (await json_of(registry, path, auditor))["hashes"]]
    assert root_of_path(hashes[index], index, now.size, proof) == now.root
    path = f"/v1/journal/proof/consistency?from={seen.size}&to={now.size}"
    proof = [b64decode(one) for one in (await json_of(registry, path, auditor))["hashes"]]
    assert is_continued(seen.size, seen.root, now.size, now.root, proof)


async def test_a_leaf_names_the_event_and_no_controller_openly(
    registry: Driver, auditor: Party, database: Database, ring: KeyRing
) -> None:
    controller = await registry.controller()
    await sequence(database, ring)
    note = await text_of(registry, CHECKPOINT, auditor)
    size = int(note.split("\n")[1])
    path = f"/v1/journal/entries?start={size - 2}&end={size}"
    entries = (await json_of(registry, path, auditor))["entries"]
    assert [one["index"] for one in entries] == [size - 2, size - 1]
    known = [one["event"] for one in entries if one["event"]["kind"] == "controller.registered"]
    assert [len(event["controllers"]) for event in known] == [1]
    assert controller.id not in str([b64decode(one["leaf"]) for one in entries])


@pytest.mark.parametrize("path", PATHS)
async def test_only_admins_and_auditors_read_the_journal(
    registry: Driver, auditor: Party, database: Database, ring: KeyRing, path: str
) -> None:
    await sequence(database, ring)
    sender, agent = await registry.controller("sender"), await registry.agent()
    for who, status in ((auditor, 200), (await registry.admin(), 200), (sender, 403), (agent, 403)):
        answer = await registry.client.get(path, headers=who.headers)
        assert answer.status_code == status, (who.role, answer.text)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/journal/proof/inclusion?index=0&size=99999999", 404),
        ("/v1/journal/proof/inclusion?index=5&size=5", 404),
        ("/v1/journal/proof/consistency?from=2&to=1", 404),
        ("/v1/journal/proof/consistency?from=0&to=99999999", 404),
        ("/v1/journal/proof/consistency?from=-1&to=1", 422),
        ("/v1/journal/entries?start=0", 422),
        ("/v1/journal/entries?start=0&end=99999999999999999999", 422),
    ],
)
async def test_what_is_not_there_is_not_proven(
    registry: Driver, auditor: Party, database: Database, ring: KeyRing, path: str, status: int
) -> None:
    await sequence(database, ring)
    answer = await registry.client.get(path, headers=auditor.headers)
    assert answer.status_code == status, answer.text


async def test_who_follows_the_journal_notices_when_its_past_is_another(
    registry: Driver, auditor: Party, database: Database, ring: KeyRing
) -> None:
    """The follower is handed what the service answered; what it saw before was signed over another root."""
    await sequence(database, ring)
    size = int((await text_of(registry, CHECKPOINT, auditor)).split("\n")[1])
    answers = {
        path: await text_of(registry, path, auditor)
        for path in ["/.well-known/journal-key", CHECKPOINT]
        + [f"/v1/journal/entries?start={at}&end={size}" for at in range(0, size, 1000)]
        + [f"/v1/journal/proof/consistency?from={size - 1}&to={size}"]
    }
    assert follow(answers.__getitem__, None, None).wrong is None
    from app.crypto.notes import Checkpoint, sign_checkpoint

    origin = answers[CHECKPOINT].split("\n")[0]
    other = sign_checkpoint(ring.journal_key, Checkpoint(origin, size - 1, bytes(32)))
    assert "past was altered" in str(follow(answers.__getitem__, None, other).wrong)
    longer = sign_checkpoint(ring.journal_key, Checkpoint(origin, size + 1, bytes(32)))
    assert "cut off" in str(follow(answers.__getitem__, None, longer).wrong)
    forged = answers | {CHECKPOINT: answers[CHECKPOINT].replace(f"\n{size}\n", f"\n{size - 1}\n")}
    assert "not to be trusted" in str(follow(forged.__getitem__, None, None).wrong)
