"""The journal of a running registry, followed over HTTP: every leaf is fetched, the tree grown from them is
the signed one, and it continues the one that was seen before (RFC 9162 section 2.1.4)."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass

from app.crypto.notes import BadNote, Checkpoint, open_checkpoint
from app.domain.merkle import Frontier, is_continued, leaf_hash

Get = Callable[[str], str]
"""Fetches a path of the registry as text."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The newest checkpoint and its note; `wrong` says in a sentence what does not fit."""

    size: int
    note: str
    wrong: str | None = None


def follow(get: Get, vkey: str | None, seen: str | None) -> Followed:
    """Verify what the registry shows now against what was seen earlier."""
    key = vkey or get("/.well-known/journal-key")
    note = get("/v1/journal/checkpoint")
    try:
        now = open_checkpoint(note, key)
        earlier = open_checkpoint(seen, key) if seen else None
    except BadNote as bad:
        return Followed(0, note, f"the checkpoint is not to be trusted: {bad}")
    if earlier and (wrong := _continued(get, earlier, now)):
        return Followed(now.size, note, wrong)
    tree = Frontier()
    while tree.size < now.size:
        path = f"/v1/journal/entries?start={tree.size}&end={now.size}"
        entries = json.loads(get(path))["entries"]
        if not entries or [one["index"] for one in entries] != list(
            range(tree.size, tree.size + len(entries))
        ):
            return Followed(now.size, note, f"leaf {tree.size} is missing")
        tree.append([leaf_hash(b64decode(one["leaf"])) for one in entries])
    if tree.root() != now.root:
        return Followed(now.size, note, "the leaves are not those that were signed")
    return Followed(now.size, note)


def _continued(get: Get, earlier: Checkpoint, now: Checkpoint) -> str | None:
    if now.size < earlier.size:
        return f"the journal has {now.size} leaves, and had {earlier.size}: it was cut off"
    path = f"/v1/journal/proof/consistency?from={earlier.size}&to={now.size}"
    proof = [b64decode(one) for one in json.loads(get(path))["hashes"]]
    if is_continued(earlier.size, earlier.root, now.size, now.root, proof):
        return None
    return "the journal does not continue the one that was seen before: its past was altered"
