"""What a superuser might do to the journal itself, and what a verifier has to say to it."""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

_FLIPPED: Final = "set_bit({0}, :bit, 1 - get_bit({0}, :bit))"
_LEAF: Final = "UPDATE registry.journal_leaf SET "
_OPENING: Final = "UPDATE vault.journal_opening SET "
_NEWEST: Final = "WHERE size = (SELECT max(size) FROM registry.journal_checkpoint)"
_CHECKPOINT: Final = "UPDATE registry.journal_checkpoint SET "
_OF_AT: Final = "WHERE event_id = (SELECT event_id FROM registry.journal_leaf WHERE position = :at)"
_NODE: Final = "WHERE ctid = (SELECT ctid FROM registry.journal_node OFFSET :node LIMIT 1)"
_LEAF_FLIPPED: Final = _LEAF + "leaf = " + _FLIPPED.format("leaf") + " WHERE position = :at"
_REHASHED: Final = _LEAF + "hash = sha256('\\x00' || leaf) WHERE position = :at"
_ONE_MORE: Final = (
    "INSERT INTO registry.journal_leaf SELECT (SELECT max(position) + 1 FROM registry.journal_leaf), "
    "gen_random_uuid(), leaf, hash FROM registry.journal_leaf WHERE position = :at"
)

POSSIBLE: Final = (
    ("journal_leaf", "altered", _LEAF_FLIPPED),
    ("journal_leaf", "altered", _LEAF_FLIPPED + ";" + _REHASHED),
    (
        "journal_leaf",
        "altered",
        _LEAF + "leaf = overlay(leaf PLACING '1' FROM 8) WHERE position = :at;" + _REHASHED,
    ),
    ("journal_leaf", "altered", _LEAF + "hash = " + _FLIPPED.format("hash") + " WHERE position = :at"),
    ("journal_leaf", "missing", "DELETE FROM registry.journal_leaf WHERE position = :at"),
    ("journal_leaf", "missing", "DELETE FROM registry.journal_leaf WHERE position >= :cut"),
    (
        "journal_leaf",
        "altered",
        _LEAF + "position = -1 - position WHERE position IN (:at, :other);"
        "" + _LEAF + "position = CASE position WHEN -1 - :at THEN :other ELSE :at END WHERE position < 0",
    ),
    ("journal_leaf", "altered", _LEAF + "event_id = gen_random_uuid() WHERE position = :at"),
    ("journal_leaf", "added", _ONE_MORE),
    ("journal_leaf", "added", "DELETE FROM registry.journal_checkpoint " + _NEWEST),
    ("journal_opening", "altered", _OPENING + "salt = " + _FLIPPED.format("salt") + _OF_AT),
    ("journal_opening", "altered", _OPENING + "rows = " + _FLIPPED.format("rows") + _OF_AT),
    ("journal_opening", "missing", "DELETE FROM vault.journal_opening " + _OF_AT),
    (
        "journal_opening",
        "altered",
        _OPENING + "(salt, rows) = (SELECT o.salt, o.rows FROM vault.journal_opening o "
        "JOIN registry.journal_leaf l ON l.event_id = o.event_id WHERE l.position = :other) " + _OF_AT,
    ),
    (
        "journal_opening",
        "added",
        "INSERT INTO vault.journal_opening SELECT gen_random_uuid(), salt, rows FROM vault.journal_opening "
        "" + _OF_AT,
    ),
    ("journal_checkpoint", "altered", _CHECKPOINT + "note = replace(note, 'sparr/', 'other/') " + _NEWEST),
    (
        "journal_checkpoint",
        "altered",
        _CHECKPOINT
        + "note = replace(note, E'\\n' || size || E'\\n', E'\\n' || size - 1 || E'\\n') "
        + _NEWEST,
    ),
    ("journal_checkpoint", "altered", _CHECKPOINT + "size = size + 1 " + _NEWEST),
    ("journal_checkpoint", "altered", _CHECKPOINT + "root = " + _FLIPPED.format("root") + _NEWEST),
    (
        "journal_node",
        "altered",
        "UPDATE registry.journal_node SET hash = " + _FLIPPED.format("hash") + _NODE,
    ),
    ("journal_node", "missing", "DELETE FROM registry.journal_node " + _NODE),
    (
        "journal_node",
        "added",
        "INSERT INTO registry.journal_node SELECT 8, 4711, hash FROM registry.journal_node LIMIT 1",
    ),
)
"""Of which table the verifier has to say what, and the statements."""


class Tampering(NamedTuple):
    table: str
    wrong: str
    statements: tuple[str, ...]


def tamperings(size: int, nodes: int, seed: int) -> Iterator[Tampering]:
    """Without end, the same for the same seed. The journal has so many leaves and nodes."""
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    while True:
        for table, wrong, pattern in POSSIBLE:
            statements = pattern
            at, other = sorted(chance.sample(range(size - 1), 2))
            places = {"at": at, "other": other, "cut": size - chance.randint(1, 9)}
            places |= {"bit": chance.randrange(8 * 32), "node": chance.randrange(nodes)}
            for name, place in places.items():
                statements = statements.replace(f":{name}", str(place))
            yield Tampering(table, wrong, tuple(statements.split(";")))
