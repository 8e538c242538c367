"""How much is verified in a second of one core. CPU time counts, as others use the machine; a suite
insists on half of each target, and prints the rest.

`LEAVES=200000 SIGNATURES=1000 ./sparr test tests/speed -s` measures at length.
"""

import gc
import json
import os
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from app.crypto import base64text
from app.crypto.bankid.chain import trust_in
from app.crypto.bankid.examine import examine
from app.crypto.journal_leaves import JournalledEvent, canonical, commitment, digests_of, leaf_of
from app.crypto.notes import Checkpoint, open_checkpoint, sign_checkpoint, verifier_key
from app.domain.journalled import JOURNALLED
from app.domain.merkle import Frontier, leaf_hash
from app.usecases.export_journal import seal
from app.usecases.journal_findings import Verified
from app.usecases.verify_journal import verify_export
from app.usecases.verify_leaves import verify_leaves
from tests.crypto.bankid.issuing import SIGNED, Bank, Said, genuine

LEAVES = int(os.environ.get("LEAVES", "20000"))
SIGNATURES = int(os.environ.get("SIGNATURES", "60"))
LEAVES_A_SECOND, SIGNATURES_A_SECOND = 100_000, 150
SEED, ORIGIN, NOW = bytes(32), "sparr/speed", datetime(2026, 11, 22, tzinfo=UTC)


def laid_out(folder: Path) -> str:
    """An export of events that wrote one row each, and the key that signed it."""
    tree, nodes, at = Frontier(), defaultdict[int, list[bytes]](list), NOW.isoformat()
    with (folder / "leaves.jsonl").open("w") as leaves, (folder / "event.jsonl").open("w") as events:
        for index in range(LEAVES):
            event, salt = UUID(int=index), index.to_bytes(32)
            row = {
                "id": str(event),
                "at": at,
                "kind": "objection.received",
                "outcome": "done",
                "detail": None,
            }
            digests = canonical(digests_of(salt, [("event", row)]))
            said = JournalledEvent(event, "objection.received", NOW, ("a" * 32,))
            leaf = leaf_of(said, commitment(salt, digests))
            line = {"index": index, "event": str(event), "leaf": base64text.encode(leaf)}
            line |= {"hash": base64text.encode(leaf_hash(leaf)), "salt": base64text.encode(salt)}
            leaves.write(json.dumps(line | {"digests": base64text.encode(digests)}) + "\n")
            events.write(json.dumps({"event": str(event), "row": row}) + "\n")
            for level, completed in tree.append([leaf_hash(leaf)]).items():
                nodes[level] += completed
    kept = [
        {"level": level, "position": position, "hash": base64text.encode(node)}
        for level in (8, 16)
        for position, node in enumerate(nodes[level])
    ]
    (folder / "nodes.jsonl").write_text("".join(json.dumps(one) + "\n" for one in kept))
    note = sign_checkpoint(SEED, Checkpoint(ORIGIN, tree.size, tree.root()))
    signed = {"size": tree.size, "root": base64text.encode(tree.root()), "note": note}
    (folder / "checkpoint").write_text(note)
    (folder / "checkpoints.jsonl").write_text(json.dumps(signed) + "\n")
    for table in JOURNALLED.keys() - {"event"}:
        (folder / f"{table}.jsonl").touch()
    seal(folder, SEED, ORIGIN, NOW)
    return verifier_key(SEED, ORIGIN)


def test_leaves_are_verified_at_a_hundred_thousand_a_second(tmp_path: Path) -> None:
    """Each leaf hashed, its opening compared with what it commits to, the tree grown to the signed root."""
    vkey = laid_out(tmp_path)
    checkpoint = open_checkpoint((tmp_path / "checkpoint").read_text(), vkey)
    rates = []
    gc.disable()  # As the command does.
    for _ in range(3):
        found = Verified(size=checkpoint.size)
        begun = time.process_time()
        openings = verify_leaves(tmp_path, {checkpoint.size: checkpoint}, found)
        rates.append(LEAVES / (time.process_time() - begun))
        assert (found.findings, len(openings)) == ([], LEAVES)
    begun = time.process_time()
    whole = verify_export(tmp_path, vkey)
    taken = time.process_time() - begun
    gc.enable()
    assert (whole.findings, whole.rows) == ([], LEAVES)
    print(f"{max(rates):,.0f} leaves a second; with the values of a row each {LEAVES / taken:,.0f}")
    assert max(rates) > LEAVES_A_SECOND / 2


def test_signatures_of_bankid_are_verified_at_a_hundred_and_fifty_a_second() -> None:
    """Document, digests, signature, chain and OCSP answer, nothing remembered from one to the next."""
    bank = Bank()
    trust = trust_in([bank.root_certificate()], test=True)
    answers = [genuine(bank, Said(f"text {n}", f"objmandate:1:{n}")) for n in range(5)]
    begun = time.process_time()
    for n in range(SIGNATURES):
        assert examine(answers[n % 5], trust, SIGNED).signature
    rate = SIGNATURES / (time.process_time() - begun)
    print(f"{rate:,.0f} BankID signatures a second")
    assert rate > SIGNATURES_A_SECOND / 2
