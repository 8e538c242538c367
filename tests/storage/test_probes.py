"""What a lookup asks for is found by whole keys, however little the planner knows of the tables.

The statistics of a table are those of the last ANALYZE. A list that has grown since looks short to the
planner, and any index that begins with the list's number looks good enough; then every row of the list is
compared with everything that was asked for, which took seconds for five hundred recipients.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.storage.straight import positional
from app.storage.units import statement
from tests.conftest import Clone
from tests.direct import superuser

KEYED = {
    "entries_found": ["controller_no fingerprint", "controller_no id", "controller_no entry_id"],
    "fact_hits": ["controller_no kind fingerprint"],
    "consent_facts": ["controller_no id", "controller_no fact_id"],
    "relationship_facts": ["controller_no id", "controller_no fact_id"],
    "register_hits": ["snapshot_no fingerprint"],
}
"""The statements that are asked for many at once, and the columns that they have to probe by."""

_ONE, _OTHER = "018f067236f8dffc2ee5d5d9e807802b", "6a6cd633cd8c05927ac9fc91100b5361"
_ASKED = {
    "number": "7",
    "numbers": "{0,7}",
    "own": "7",
    "kind": "1",
    "fingerprints": f"{_ONE},{_OTHER}",
    "ids": f"{{{_ONE},{_OTHER}}}",
    **dict.fromkeys(("row_id", "entry_id", "after_entry", "canary"), _ONE),
    **dict.fromkeys(("version", "rank", "most", "marketing", "minimum_level"), "1"),
    "top": "9",
    "lifts": "true",
}
_FEW = """
INSERT INTO registry.entry_key (fingerprint, entry_id, version, controller_no)
    SELECT gen_random_uuid(), gen_random_uuid(), 1, n FROM generate_series(1, 300) n;
INSERT INTO registry.fact_key (controller_no, kind, fingerprint, fact_id, version)
    SELECT n, 1, gen_random_uuid(), gen_random_uuid(), 1 FROM generate_series(1, 300) n;
INSERT INTO registry.entry (id, fingerprint, event_id, since, version, controller_no, channels, purposes,
                            kind, level, binding, identifier_type)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), 1, n, 1, 1, 1, 1, '', 'phone'
    FROM generate_series(1, 300) n;
ANALYZE;
"""


@pytest.fixture(scope="module")
async def scarce(clone: Clone) -> AsyncIterator[Any]:
    """A database whose tables were counted while every list had one row, asked as lookups ask."""
    connection = await superuser(await clone())
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(_FEW)
    await connection.execute("SET enable_seqscan = off")
    yield connection
    await connection.close()


async def planned(scarce: Any, name: str, plan: str) -> list[str]:
    """The plan of a statement, line by line."""
    sql, values = positional(statement(name))
    await scarce.execute(f"SET plan_cache_mode = {plan}")
    await scarce.execute(f"PREPARE asked AS {sql}")
    asked = ", ".join(f"'{_ASKED[value]}'" for value in values)
    lines = [row[0] for row in await scarce.fetch(f"EXPLAIN EXECUTE asked({asked})")]
    await scarce.execute("DEALLOCATE asked")
    return lines


@pytest.mark.parametrize("plan", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("name", KEYED)
async def test_what_is_asked_is_probed_by_its_whole_key(scarce: Any, name: str, plan: str) -> None:
    lines = await planned(scarce, name, plan)
    conditions = [line for line in lines if "Index Cond" in line]
    for key in KEYED[name]:
        assert any(all(f"({column} =" in line for column in key.split()) for line in conditions), lines
    assert not [line for line in lines if re.search(r"Seq Scan|Filter: .*ANY", line)], lines


@pytest.mark.parametrize("plan", ["force_generic_plan", "force_custom_plan"])
async def test_the_feed_probes_the_spellings_of_a_consent_and_the_entries_under_each(
    scarce: Any, plan: str
) -> None:
    told = "\n".join(await planned(scarce, "list_changes", plan))
    assert re.search(r"fact_key_of_fact on fact_key .*\n +Index Cond: \(fact_id = f\.id\)", told), told
    assert re.search(r"entry_key_pkey.*\n +Index Cond: .*\(fingerprint = \w+\.fingerprint\)", told), told
