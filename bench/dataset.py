"""Filling the real tables: entries as objections and do-not-call requests leave them, but for what is sealed.

Rows come by COPY from the superuser, in the order in which they might have come in. Their lists, canaries and
policies are opened by the use case that an admin's request reaches.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.crypto.fingerprints import Fingerprinter
from app.domain.channels import ALL_CHANNELS
from app.domain.entry import DIRECT_LEVEL, EntryKind
from app.domain.purposes import DM_MASK
from bench import people
from bench.copying import Once, binary, joined, texts

CHUNK: Final = 250_000
_DNC_EACH: Final = 3
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


async def load(
    connection: Any, fingerprints: Fingerprinter, lists: NDArray[np.int32], first: int, after: int, seed: int
) -> None:
    """Give everybody from `first` to `after` an entry. `lists` are the numbers of the lists by rank."""
    now = datetime.now(UTC)
    await connection.execute("SET synchronous_commit = off")
    # Foreign keys would be asked once for each row, and all of them name lists that were opened just now.
    await connection.execute("SET session_replication_role = replica")
    event_id, version = await _new_version(connection, now)
    chance = np.random.default_rng(seed + first)
    for begin in range(first, after, CHUNK):
        chosen = np.arange(begin, min(begin + CHUNK, after), dtype=np.int64)
        emails, dnc = people.has_email(chosen), chosen % _DNC_EACH == 0
        for is_email in (False, True):
            for is_dnc in (False, True):
                group = chosen[(emails == is_email) & (dnc == is_dnc)]
                if len(group):
                    rows = _Rows(group, lists[people.ranks(group, len(lists))], version, event_id, now)
                    await rows.copy(connection, fingerprints, chance, is_email=is_email, is_dnc=is_dnc)
    await connection.execute("RESET session_replication_role")
    await connection.execute("RESET synchronous_commit")


async def _new_version(connection: Any, now: datetime) -> tuple[bytes, int]:
    """All lists take one more version; they all have the same number of versions, so it is the same one."""
    event = await connection.fetchval(
        "INSERT INTO registry.event (id, at, kind, outcome) "
        "VALUES (uuidv7(), $1, 'objection.batch', 'done') RETURNING id",
        now,
    )
    version: int = await connection.fetchval(
        "WITH taken AS (INSERT INTO registry.controller_version (controller_no, version, event_id, at) "
        "SELECT h.controller_no, 1 + (SELECT max(v.version) FROM registry.controller_version v), $1, $2 "
        "FROM registry.holder h RETURNING version) SELECT max(version) FROM taken",
        event,
        now,
    )
    return event.bytes, version


class _Rows:
    """Entries of one type and kind."""

    def __init__(
        self, who: people.Numbers, lists: NDArray[np.int32], version: int, event_id: bytes, now: datetime
    ) -> None:
        self._who, self._lists = who, lists
        self._version = np.full(len(who), version, np.int64)
        self._event = event_id
        self._micros = int((now - _EPOCH).total_seconds() * 1e6)
        self._millis = int(now.timestamp() * 1000)

    async def copy(
        self,
        connection: Any,
        fingerprints: Fingerprinter,
        chance: np.random.Generator,
        *,
        is_email: bool,
        is_dnc: bool,
    ) -> None:
        kind = "email" if is_email else "phone"
        spelt = people.emails(self._who) if is_email else people.phone_numbers(self._who)
        plain = joined(fingerprints.texts(kind, spelt))
        hashed = [sha256(one.encode()).hexdigest() for one in spelt]
        ids = self._ids(chance)
        entry = self._entry(kind, ids, plain, self._ids(chance), is_dnc=is_dnc)
        await self._send(connection, "entry", entry)
        for found in (plain, joined(fingerprints.texts(f"{kind}_sha256", hashed))):
            key = {
                "fingerprint": found,
                "entry_id": ids,
                "version": self._version,
                "controller_no": self._lists,
            }
            await self._send(connection, "entry_key", key)

    def _entry(
        self, kind: str, ids: Any, plain: Any, others: Any, *, is_dnc: bool
    ) -> dict[str, NDArray[Any] | bytes]:
        count, code = len(self._who), EntryKind.DNC if is_dnc else EntryKind.OBJECTION
        return {
            "id": ids,
            "fingerprint": plain,
            **({} if is_dnc else {"objection_id": others}),
            "sealed_id": others,
            "event_id": self._event,
            "since": np.full(count, self._micros, np.int64),
            "version": self._version,
            "controller_no": self._lists,
            "channels": np.full(count, ALL_CHANNELS, np.int32),
            "purposes": np.full(count, DM_MASK, np.int32),
            "kind": np.full(count, code.value, np.int16),
            "level": np.full(count, DIRECT_LEVEL, np.int16),
            "binding": b"identifier" if is_dnc else b"person",
            "identifier_type": kind.encode(),
        }

    def _ids(self, chance: np.random.Generator) -> NDArray[np.uint8]:
        """UUIDs of version 7, a few for each millisecond."""
        made = chance.integers(256, size=(len(self._who), 16), dtype=np.uint8)
        millis = (self._millis + np.arange(len(self._who)) // 8).astype(">u8")
        made[:, :6] = millis.view(np.uint8).reshape(-1, 8)[:, 2:]
        made[:, 6] = made[:, 6] & 0x0F | 0x70
        made[:, 8] = made[:, 8] & 0x3F | 0x80
        return made

    async def _send(self, connection: Any, table: str, columns: dict[str, Any]) -> None:
        await connection.copy_to_table(
            table,
            source=Once(binary(columns, len(self._who))),
            columns=list(columns),
            schema_name="registry",
            format="binary",
        )


async def load_reference(connection: Any, lists: NDArray[np.int32], first: int, after: int) -> None:
    """The same entries in the table of the references: a list's number and the identifier in plain text."""
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS suppression (controller_id int4 NOT NULL, identifier text NOT NULL)"
    )
    await connection.execute("DROP INDEX IF EXISTS suppression_identifier")
    for begin in range(first, after, CHUNK):
        chosen = np.arange(begin, min(begin + CHUNK, after), dtype=np.int64)
        emails = people.has_email(chosen)
        for group, spell in ((chosen[~emails], people.phone_numbers), (chosen[emails], people.emails)):
            if len(group):
                columns: dict[str, Any] = {
                    "controller_id": lists[people.ranks(group, len(lists))],
                    "identifier": texts(spell(group)),
                }
                await connection.copy_to_table(
                    "suppression",
                    source=Once(binary(columns, len(group))),
                    columns=list(columns),
                    format="binary",
                )
    await connection.execute(
        "CREATE UNIQUE INDEX suppression_identifier ON suppression (controller_id, identifier)"
    )
    await connection.execute("VACUUM (ANALYZE) suppression")
