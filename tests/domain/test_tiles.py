"""Tiles lie where C2SP tlog-tiles says, and hold what it says."""

import pytest

from app.domain.tiles import LONGEST, bundle_of, leaves_of, tile_path, tiles_of


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ((0, 0), "tile/0/000"),
        ((0, 999), "tile/0/999"),
        ((1, 1000), "tile/1/x001/000"),
        ((0, 1234067), "tile/0/x001/x234/067"),
        ((63, 5, 1), "tile/63/005.p/1"),
        (("entries", 1234067, 255), "tile/entries/x001/x234/067.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(place: tuple[int, int], path: str) -> None:
    assert tile_path(*place) == path


def test_a_tree_has_the_tiles_of_the_specifications_example() -> None:
    """70,000 leaves: 273 full tiles and one of 112; above them one and one of 17; above them one of 1."""
    tiles = list(tiles_of(70_000))
    assert [(level, index, width) for level, index, width in tiles if width < 256] == [
        (0, 273, 112),
        (1, 1, 17),
        (2, 0, 1),
    ]
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert list(tiles_of(0)) == []
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]


@pytest.mark.parametrize("leaves", [[], [b""], [b"a", b"", b"bc" * 300], [bytes(LONGEST)]])
def test_a_bundle_gives_its_leaves_back(leaves: list[bytes]) -> None:
    assert leaves_of(bundle_of(leaves)) == leaves


def test_a_length_stands_in_two_bytes_the_larger_first() -> None:
    assert bundle_of([b"x" * 258]) == b"\x01\x02" + b"x" * 258


def test_what_does_not_fit_a_bundle_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        bundle_of([bytes(LONGEST + 1)])
    for broken in (b"\x00", b"\x00\x01", b"\x00\x01a\x00"):
        with pytest.raises(ValueError, match="ends within"):
            leaves_of(broken)
