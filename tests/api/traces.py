"""People to be asked about, and the search for them, in every form, in all that a registry holds."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from secrets import token_hex
from typing import Any

from app.crypto.fingerprints import Fingerprinter
from app.domain.identifier import HashedIdentifier, UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES
from app.usecases.read_identifiers import GivenIdentifier, read_identifier, subject_of
from tests.direct import superuser
from tests.registry_driver import Json

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_catalog.pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""
_BESIDE = (
    "SELECT query AS line FROM pg_catalog.pg_stat_activity WHERE datname = current_database()",
    "SELECT encode(data, 'hex') AS line FROM pg_catalog.pg_largeobject",
)
_TODAY = date(2026, 11, 21)


NUMBERS: list[Json] = [
    {"type": "phone", "value": "08-465 004 71", "region": "SE"},
    {"type": "phone", "value": "+46 (0)8 465 004 72"},
    {"type": "personal_number", "value": "20000229-2399", "region": "SE"},
]


def address() -> Json:
    return {"type": "email", "value": f"Miss.{token_hex(8)}+news@example.com"}


def misses() -> list[Json]:
    """Somebody of every type, each spelt as people spell. Marks are long enough not to turn up by chance."""
    mark = token_hex(8)
    home = {"name": f"Miss {mark}", "street": f"Missgatan {mark}", "postal_code": "111 22", "city": "Solna"}
    return [
        address(),
        {"type": "customer_ref", "value": f"K-{mark}"},
        {"type": "postal_address", "value": {**home, "country": "SE"}},
        {"type": "email", "sha256": hashlib.sha256(f"{mark}@example.com".encode()).hexdigest()},
    ]


async def everything(url: str) -> str:
    """Every row of every table of ours as text, in small letters: texts as they are, ids and bytes in
    hexadecimal; and the statements that the server shows, large objects, and its log."""
    behind = await superuser(url)
    asked = [f"SELECT t::text AS line FROM {table['name']} t" for table in await behind.fetch(_TABLES)]  # noqa: S608 -- names of the catalogue
    lines = [row["line"] for sql in (*asked, *_BESIDE) for row in await behind.fetch(sql)]
    folder = Path(await behind.fetchval("SHOW data_directory"))
    await behind.close()
    log = (folder.parent / "pg.log").read_text(errors="replace")
    return "\n".join([*lines, log]).lower()


def forms(given: Json, fingerprints: Fingerprinter) -> set[str]:
    """In small letters, all in which an identifier could be found again: as it was written and in all its
    forms, each plain, as bytes, in base 64 and hashed; its fingerprints, and that of its subject."""
    value = given.get("value")
    texts = {
        str(one) for one in (value.values() if isinstance(value, dict) else [value, given.get("sha256")])
    }
    texts -= {"None", "SE", str(given.get("region"))}
    try:
        read = read_identifier(GivenIdentifier(**given), _TODAY)
    except UnreadableIdentifier:
        return {form for text in texts for form in _plain(text)}
    if isinstance(read, HashedIdentifier):
        keyed = {fingerprints.text(f"{read.type}_sha256", read.sha256)}
    else:
        texts |= set(read.forms)
        keyed = {fingerprints.text(read.type, form) for form in read.forms}
        if read.type in HASHED_TYPES:
            keyed |= {fingerprints.text(f"{read.type}_sha256", _hashed(form).hex()) for form in read.forms}
    keyed.add(subject_of(fingerprints, read))
    found = {form for text in texts for form in _plain(text)}
    return found | {form for one in keyed for form in (str(one), one.hex)}


def _plain(text: str) -> Iterable[str]:
    for data in (text.encode(), _hashed(text)):
        yield data.hex()
        yield b64encode(data).decode().rstrip("=").lower()
    yield text.lower()
    yield text.lower().removeprefix("+")


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def found_again(given: Iterable[Json], where: str, fingerprints: Fingerprinter) -> list[Any]:
    """Those of the identifiers of which something is there."""
    return [one for one in given if any(form in where for form in forms(one, fingerprints))]
