"""Whether a simulated journal has every event once, in one order, under roots that are right at every
size.
"""

from collections import Counter
from hashlib import sha256

from app.crypto.keys import KeyRing
from app.crypto.notes import open_checkpoint, verifier_key
from tests.proofs.simulated.database import SimulatedDatabase


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word by word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def journal_faults(database: SimulatedDatabase, ring: KeyRing) -> list[str]:
    found = []
    rows = sorted(database.tables["journal_leaf"], key=lambda row: row["position"])
    if [row["position"] for row in rows] != list(range(len(rows))):
        found.append("the positions of the journal have a gap")
    missing = {row["id"] for row in database.tables["event"]} - {row["event_id"] for row in rows}
    if missing:
        found.append(f"{len(missing)} events never came into the journal")
    if any(count > 1 for count in Counter(row["event_id"] for row in rows).values()):
        found.append("an event stands in the journal twice")
    if any(str(row["event_id"]).encode() not in row["leaf"] for row in rows):
        found.append("a leaf tells of another event")
    leaves = [row["leaf"] for row in rows]
    verifier = verifier_key(ring.journal_key, f"sparr/{_REGISTRY}")
    for row in database.tables["journal_checkpoint"]:
        signed = open_checkpoint(row["note"], verifier)
        right = root_of(leaves[: row["size"]])
        if (row["root"], signed.root, signed.size) != (right, right, row["size"]):
            found.append(f"the root of size {row['size']} is wrong")
            break
    if rows and max(row["size"] for row in database.tables["journal_checkpoint"]) != len(rows):
        found.append("the newest checkpoint does not cover all leaves")
    return found


_REGISTRY = "00000000-0000-0000-0000-000000000001"
