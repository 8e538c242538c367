"""The journal as static tiles: another reader's sums agree, and each altered file is named."""

from hashlib import sha256
from pathlib import Path

import pytest

from app.crypto.keys import KeyRing
from app.crypto.notes import open_checkpoint, verifier_key
from app.main import open_database
from app.usecases.export_tiles import export_tiles
from app.usecases.journal_findings import UnreadableExportError
from app.usecases.verify_tiles import are_tiles, verify_tiles
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.journal_copies import MANY, copy_of, drained


@pytest.fixture(scope="module")
async def tiles(journalled: str, ring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 700 leaves and some: two full tiles and more, and a partial one of each level."""
    copied, folder = await copy_of(journalled), tmp_path_factory.mktemp("tiles") / "tiles"
    connection = await superuser(copied)
    await connection.execute(MANY, 400, 0.001)
    await connection.close()
    database = open_database(copied, ring, ISSUER)
    await drained(database, ring)
    size = await export_tiles(database, ring.journal_key, folder)
    await database.dispose()
    assert size > 700
    return folder


def named(folder: Path, *arguments: str) -> set[tuple[str, str]]:
    return {(one.key, one.wrong) for one in verify_tiles(folder, None, *arguments).findings}


async def test_tiles_verify_and_lie_where_a_client_looks_for_them(tiles: Path, ring: KeyRing) -> None:
    found = verify_tiles(tiles, verifier_key(ring.journal_key, origin(tiles)))
    assert (found.findings, are_tiles(tiles)) == ([], True)
    full, rest = divmod(found.size, 256)
    files = {path.relative_to(tiles).as_posix() for path in tiles.rglob("*") if path.is_file()}
    assert files == (
        {f"tile/{level}/{index:03}" for level in ("0", "entries") for index in range(full)}
        | {f"tile/{level}/{full:03}.p/{rest}" for level in ("0", "entries")}
        | {f"tile/1/000.p/{full}", "checkpoint", "vkey"}
    )
    assert all((tiles / name).stat().st_mode & 0o077 == 0 for name in {".", *files})


async def test_a_root_follows_from_a_few_tiles_as_the_specification_says(tiles: Path, ring: KeyRing) -> None:
    """Computed here from the files alone, in no words of ours."""

    def root(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        half = 1 << (len(hashes) - 1).bit_length() - 1
        return sha256(b"\x01" + root(hashes[:half]) + root(hashes[half:])).digest()

    note = (tiles / "checkpoint").read_text()
    size = int(note.split("\n")[1])
    upper = (tiles / f"tile/1/000.p/{size // 256}").read_bytes()
    last = (tiles / f"tile/0/{size // 256:03}.p/{size % 256}").read_bytes()
    first = (tiles / "tile/0/000").read_bytes()
    assert (len(first), len(upper), len(last)) == (8192, size // 256 * 32, size % 256 * 32)
    assert root([first[at : at + 32] for at in range(0, 8192, 32)]) == upper[:32]
    bundle = (tiles / "tile/entries/000").read_bytes()
    length = int.from_bytes(bundle[:2])
    assert sha256(b"\x00" + bundle[2 : 2 + length]).digest() == first[:32]
    whole = b"".join((tiles / f"tile/0/{index:03}").read_bytes() for index in range(size // 256)) + last
    checkpoint = open_checkpoint(note, verifier_key(ring.journal_key, origin(tiles)))
    assert root([whole[at : at + 32] for at in range(0, len(whole), 32)]) == checkpoint.root


def origin(tiles: Path) -> str:
    return (tiles / "checkpoint").read_text().partition("\n")[0]


async def test_a_file_that_was_altered_taken_away_or_added_is_named_by_its_path(tiles: Path) -> None:
    for path in sorted(path for path in (tiles / "tile").rglob("*") if path.is_file()):
        name, whole = path.relative_to(tiles).as_posix(), path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            keys = {key for key, _ in named(tiles)}
            assert keys & {name, name.replace("entries", "0")}, (name, at)
        path.write_bytes(whole[:-1])
        assert {key for key, _ in named(tiles)} & {name}, name
        path.unlink()
        assert (name, "missing") in named(tiles)
        path.write_bytes(whole)
    (tiles / "tile/0/999").write_bytes(b"more")
    assert named(tiles) == {("tile/0/999", "added")}
    (tiles / "tile/0/999").unlink()
    assert named(tiles) == set()


async def test_tiles_continue_the_checkpoint_that_was_seen_before(tiles: Path, journalled: str) -> None:
    connection = await superuser(journalled)
    notes = [row["note"] for row in await connection.fetch("SELECT note FROM registry.journal_checkpoint")]
    await connection.close()
    assert len(notes) == 3
    for note in [*notes, (tiles / "checkpoint").read_text()]:
        assert named(tiles, note) == set()
    whole = (tiles / "tile/entries/000").read_bytes()
    (tiles / "tile/entries/000").write_bytes(whole.replace(b'"kind":"', b'"kinD":"', 1))
    assert ("remembered", "altered") in named(tiles, notes[0])
    (tiles / "tile/entries/000").write_bytes(whole)


async def test_tiles_of_an_earlier_tree_lack_what_was_signed_since(
    tiles: Path, journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    database = open_database(await copy_of(journalled), ring, ISSUER)
    await export_tiles(database, ring.journal_key, tmp_path / "earlier")
    await database.dispose()
    assert named(tmp_path / "earlier") == set()
    [(_, wrong)] = named(tmp_path / "earlier", (tiles / "checkpoint").read_text())
    assert wrong == "missing"


async def test_tiles_that_another_key_signed_are_not_believed(tiles: Path, tmp_path: Path) -> None:
    other = verifier_key(KeyRing.generate().journal_key, origin(tiles))
    assert {one.table for one in verify_tiles(tiles, other).findings} == {"journal_checkpoint"}
    with pytest.raises(UnreadableExportError):
        verify_tiles(tmp_path, None)
