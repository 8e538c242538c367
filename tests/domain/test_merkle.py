"""Trees agree with RFC 9162, whatever their size, and a path proves its own leaf and no other."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_subtrees,
    consistency_ranges,
    inclusion_path,
    inclusion_ranges,
    is_continued,
    joined_root,
    leaf_hash,
    root_of_path,
)

# The leaves and roots that certificate transparency logs have tested themselves with since RFC 6962.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    tree = Frontier()
    tree.append(map(leaf_hash, LEAVES[:size]))
    assert tree.root().hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


@given(cuts=st.lists(st.integers(0, 9), max_size=12))
def test_a_tree_is_the_same_however_its_leaves_arrive(cuts: list[int]) -> None:
    tree, leaves = Frontier(), [bytes([n]) for n in range(sum(cuts))]
    at = 0
    for cut in cuts:
        tree.append(map(leaf_hash, leaves[at : at + cut]))
        at += cut
        assert tree.root() == by_definition(leaves[:at])
    assert tree.size == len(leaves)


@pytest.mark.parametrize(
    "parts", [[1] * 9, [2, 3], [3, 2], [1, 2, 4], [5, 1, 1], [0, 3, 0, 1], [7, 9], [1, 8], [15, 2, 16]]
)
def test_a_tree_that_is_given_a_few_leaves_at_a_time_is_the_same(parts: list[int]) -> None:
    tree, size = Frontier(), 0
    for part in parts:
        tree.append(leaf_hash(bytes([n])) for n in range(size, size + part))
        size += part
        assert (tree.size, tree.root()) == (size, by_definition([bytes([n]) for n in range(size)]))


@pytest.mark.parametrize("size", [*range(1, 36), 63, 64, 65])
def test_a_path_leads_from_each_leaf_to_the_root_and_from_no_other_place(size: int) -> None:
    hashes = [leaf_hash(bytes([n])) for n in range(size)]
    root = by_definition([bytes([n]) for n in range(size)])
    for index, hash_ in enumerate(hashes):
        path = inclusion_path(hashes, index)
        assert root_of_path(hash_, index, size, path) == root
        for other in {0, index ^ 1, size - 1, size} - {index}:
            assert root_of_path(hash_, other, size, path) != root
        assert root_of_path(hash_, index, size, [*path, root]) is None
        assert not path or root_of_path(hash_, index, size, path[:-1]) is None


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match=r"^there is no such leaf$"):
        inclusion_path([leaf_hash(b"")] * 3, index)
    assert root_of_path(leaf_hash(b""), index, 3, []) is None


def leaves_of(size: int) -> list[bytes]:
    return [n.to_bytes(2) for n in range(size)]


def roots_of(leaves: list[bytes], ranges: list[tuple[int, int]]) -> list[bytes]:
    """The roots of ranges, each put together from its complete subtrees."""
    return [
        joined_root(
            [
                by_definition(leaves[index << level : (index + 1) << level])
                for level, index in complete_subtrees(first, end)
            ]
        )
        for first, end in ranges
    ]


def proof_by_definition(earlier: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 section 2.1.4.1, word for word."""
    if earlier == len(leaves):
        return [] if whole else [by_definition(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if earlier <= half:
        return [*proof_by_definition(earlier, leaves[:half], whole=whole), by_definition(leaves[half:])]
    rest = proof_by_definition(earlier - half, leaves[half:], whole=False)
    return [*rest, by_definition(leaves[:half])]


@pytest.mark.parametrize("size", [*range(1, 20), 31, 32, 33])
def test_the_ranges_of_a_path_are_the_path(size: int) -> None:
    leaves = leaves_of(size)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for index in range(size):
        assert roots_of(leaves, inclusion_ranges(index, size)) == inclusion_path(hashes, index)


@pytest.mark.parametrize("later", [*range(1, 20), 31, 32, 33])
def test_a_proof_of_consistency_is_that_of_the_definition_and_convinces(later: int) -> None:
    leaves = leaves_of(later)
    root = by_definition(leaves)
    for earlier in range(1, later + 1):
        proof = roots_of(leaves, consistency_ranges(earlier, later))
        assert proof == proof_by_definition(earlier, leaves)
        assert is_continued(earlier, by_definition(leaves[:earlier]), later, root, proof)


@given(sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)), changed=st.integers(0, 39))
def test_no_proof_convinces_of_a_tree_whose_past_is_another(sizes: tuple[int, int], changed: int) -> None:
    earlier, later = min(sizes), max(sizes)
    leaves = leaves_of(later)
    other = [*leaves]
    other[changed % earlier] = b"altered"
    proof = roots_of(other, consistency_ranges(earlier, later))
    before, after = by_definition(leaves[:earlier]), by_definition(other)
    assert not is_continued(earlier, before, later, after, proof)
    assert not is_continued(earlier, before, later, by_definition(leaves), [*proof, before])
    assert not proof or not is_continued(earlier, before, later, by_definition(leaves), proof[:-1])


@pytest.mark.parametrize(("earlier", "later"), [(n, m) for m in range(2, 10) for n in range(1, m)])
def test_a_proof_is_of_these_two_trees_and_no_others(earlier: int, later: int) -> None:
    leaves = leaves_of(later)
    before, after = by_definition(leaves[:earlier]), by_definition(leaves)
    proof = roots_of(leaves, consistency_ranges(earlier, later))
    assert is_continued(earlier, before, later, after, proof)
    assert not is_continued(earlier, after, later, after, proof)
    assert not is_continued(earlier, before, later, before, proof)
    assert not is_continued(earlier, before, later, after, [])
    assert not is_continued(earlier, before, later, after, proof[:-1])
    assert not is_continued(earlier, before, later, after, [*proof, after])
    past = roots_of([b"altered", *leaves[1:]], consistency_ranges(earlier, later))
    assert past == proof or not is_continued(earlier, before, later, after, past)
    assert not is_continued(earlier, before, later, by_definition([b"altered", *leaves[1:]]), past)


def test_a_tree_is_not_taken_up_again_from_too_few_subtrees_or_too_many() -> None:
    for roots in ([], [EMPTY_ROOT], [EMPTY_ROOT] * 3):
        with pytest.raises(ValueError, match="argument"):
            Frontier.of(3, roots)


def test_every_tree_continues_the_empty_one_and_none_a_larger() -> None:
    root = by_definition(leaves_of(3))
    assert is_continued(0, EMPTY_ROOT, 3, root, [])
    assert not is_continued(0, root, 3, root, [])
    assert not is_continued(4, root, 3, root, [])
    assert not is_continued(2, by_definition(leaves_of(2)), 3, root, [])
    assert consistency_ranges(0, 3) == consistency_ranges(3, 3) == []
    with pytest.raises(ValueError, match=r"^there is no such tree$"):
        consistency_ranges(4, 3)
    with pytest.raises(ValueError, match=r"^there is no such leaf$"):
        inclusion_ranges(3, 3)


@pytest.mark.parametrize("size", [0, 1, 2, 5, 16, 33])
def test_a_tree_taken_up_again_grows_as_if_it_had_never_been_put_down(size: int) -> None:
    leaves = leaves_of(size + 7)
    places = complete_subtrees(0, size)
    roots = [by_definition(leaves[index << level : (index + 1) << level]) for level, index in places]
    taken_up = Frontier.of(size, roots)
    taken_up.append(map(leaf_hash, leaves[size:]))
    assert taken_up.root() == by_definition(leaves)
    assert taken_up.size == len(leaves)
