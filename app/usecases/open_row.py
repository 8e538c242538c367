"""Opening one row of a receipt's tree, and checking a row that somebody else opened. Both need no registry.

The sender opens: with the seed, the items as asked and the verdicts as answered it computes the tree again,
finds the signed root, and takes out one row with its salt, its page and its path. Everybody checks, with the
receipt's signature and nothing else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.crypto import base64url
from app.crypto.row_commitments import SEED_BYTES, commitment, commitments, salt_of
from app.domain.merkle import Frontier, inclusion_path, leaf_hash, root_of_path
from app.usecases.commit_rows import HASH_BYTES, PAGE, item_text, item_texts, pages_hashed

_MEMBERS = frozenset({"position", "item", "decision", "code", "salt", "page", "path"})
_LONGEST_PATH = 64


class BadRow(ValueError):  # noqa: N818 - named for what is wrong, as BadToken is
    """A row that is not in the tree of this receipt, or cannot be read. The message holds nothing of it."""


def open_row(
    seed_text: str, items: Sequence[Any], verdicts: Sequence[str], claims: Mapping[str, Any], position: int
) -> dict[str, Any]:
    """One row with what proves it. BadRow when items, verdicts or seed are not those that were signed, or
    there is no such row. `verdicts` are texts such as `block OBJ_DM`, one for each item."""
    seed, tree = _seed(seed_text), _tree(claims)
    if not 0 <= position < len(items) == len(verdicts) == tree["rows"]:
        raise BadRow("the receipt is about another number of rows, or this row is not among them")
    usual = max(set(verdicts), key=verdicts.count)
    special = {index: verdict for index, verdict in enumerate(verdicts) if verdict != usual}
    made = commitments(seed, 0, item_texts(items), usual, special)
    pages = list(pages_hashed(b"".join(made)))
    rebuilt = Frontier()
    rebuilt.append(pages)
    if rebuilt.root().hex() != tree["root"]:
        raise BadRow("items, answers or seed are not those that were signed")
    first = position - position % PAGE
    decision, _, code = verdicts[position].partition(" ")
    return {
        "position": position,
        "item": items[position],
        "decision": decision,
        "code": code,
        "salt": base64url.encode(salt_of(seed, position)),
        "page": [one.hex() for one in made[first : first + PAGE]],
        "path": [one.hex() for one in inclusion_path(pages, first // PAGE)],
    }


def check_row(row: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """BadRow unless this row, just as it stands, is in the tree that the receipt's claims sign."""
    tree = _tree(claims)
    position, salt, page, path = _read(row)
    if not 0 <= position < tree["rows"]:
        raise BadRow("the receipt has no such row")
    mine = commitment(salt, position, item_text(row["item"]), f"{row['decision']} {row['code']}")
    pages = -(-tree["rows"] // PAGE)
    held = PAGE if position // PAGE < pages - 1 else tree["rows"] - (pages - 1) * PAGE
    if len(page) != held or page[position % PAGE] != mine:
        raise BadRow("the row is not on its page")
    root = root_of_path(leaf_hash(b"".join(page)), position // PAGE, pages, path)
    if root is None or root.hex() != tree["root"]:
        raise BadRow("the page is not in the tree")


def _tree(claims: Mapping[str, Any]) -> dict[str, Any]:
    tree = claims.get("tree")
    if not isinstance(tree, dict) or tree.get("page") != PAGE or type(tree.get("rows")) is not int:
        raise BadRow("the receipt has no tree")
    return tree


def _seed(text: str) -> bytes:
    try:
        seed = base64url.decode(text)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise BadRow("the seed cannot be read")
    return seed


def _read(row: Mapping[str, Any]) -> tuple[int, bytes, list[bytes], list[bytes]]:
    """Position, salt, page and path of an opened row."""
    try:
        if row.keys() != _MEMBERS or type(row["position"]) is not int or len(row["path"]) > _LONGEST_PATH:
            raise BadRow("the row cannot be read")
        page = [bytes.fromhex(one) for one in row["page"]]
        path = [bytes.fromhex(one) for one in row["path"]]
        salt = base64url.decode(row["salt"])
    except (AttributeError, TypeError, ValueError):
        raise BadRow("the row cannot be read") from None
    if any(len(one) != HASH_BYTES for one in (*page, *path)):
        raise BadRow("the row cannot be read")
    return row["position"], salt, page, path
