"""The tree of a receipt: one signed root over all rows of an answer, each of which can be opened alone.

Whoever has to show one answer to a supervisory authority shows that row and its path, and of all other rows
nothing but hashes (GDPR Art. 5(1)(c), 5(2)). The leaves of the tree are pages: the commitments to 32 rows one
after another, which halves the hashing. Where the rows end, the last page may be shorter.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.crypto import base64url
from app.crypto.row_commitments import commitments, new_seed
from app.domain.decision import Decision
from app.domain.merkle import Frontier, leaf_hash

PAGE: Final = 32
"""How many rows stand on a page."""

HASH_BYTES: Final = 32
_PAGE_BYTES: Final = PAGE * HASH_BYTES
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


class RowTree:
    """The tree of one answer, built as its rows are decided. Its memory does not grow with them."""

    __slots__ = ("_frontier", "_page", "rows", "seed")

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.rows = 0
        self._page = b""
        self._frontier = Frontier()

    @staticmethod
    def begin() -> "RowTree":
        """A tree under a seed that nobody else has."""
        return RowTree(new_seed())

    def add(self, items: Sequence[Any], usual: Decision, special: Mapping[int, Decision]) -> None:
        """Add the next rows: their items as sent, and the decisions, by index in `items` where they are not
        the usual one."""
        told = {index: verdict_of(decision) for index, decision in special.items()}
        self.add_texts(item_texts(items), verdict_of(usual), told)

    def add_texts(self, texts: Sequence[bytes], usual: str, special: Mapping[int, str]) -> None:
        """The same for items and verdicts in their spelling."""
        made = commitments(self.seed, self.rows, texts, usual, special)
        self.rows += len(texts)
        pages = self._page + b"".join(made)
        whole = len(pages) - len(pages) % _PAGE_BYTES
        self._page = pages[whole:]
        self._frontier.append(pages_hashed(pages[:whole]))

    def state(self) -> dict[str, Any]:
        """How far the tree has come, as JSON, without its seed."""
        roots = [one.hex() for one in self._frontier.complete]
        return {"rows": self.rows, "pages": self._frontier.size, "roots": roots, "page": self._page.hex()}

    @staticmethod
    def of(seed: bytes, state: Mapping[str, Any]) -> "RowTree":
        """The tree of this seed that had come so far."""
        tree = RowTree(seed)
        tree.rows, tree._page = state["rows"], bytes.fromhex(state["page"])
        tree._frontier = Frontier.of(state["pages"], [bytes.fromhex(one) for one in state["roots"]])
        return tree

    def claims(self) -> dict[str, Any]:
        """What the receipt says of the tree, once all rows are in: the root covers the last page too."""
        if self._page:
            self._frontier.append(pages_hashed(self._page))
            self._page = b""
        return {"rows": self.rows, "page": PAGE, "root": self._frontier.root().hex()}

    def spoken_seed(self) -> str:
        """The seed as an answer gives it to the sender, who keeps it: with it rows are opened."""
        return base64url.encode(self.seed)


def pages_hashed(commitments_joined: bytes) -> Iterable[bytes]:
    """The leaf hashes of the pages that these commitments fill."""
    return [
        leaf_hash(commitments_joined[at : at + _PAGE_BYTES])
        for at in range(0, len(commitments_joined), _PAGE_BYTES)
    ]


def verdict_of(decision: Decision) -> str:
    """Decision and code as a commitment holds them."""
    return f"{decision.answer.value} {decision.code}"


def item_texts(items: Sequence[Any]) -> list[bytes]:
    """Items as compact JSON in UTF-8, members sorted. Texts without anything to escape take no step each."""
    try:
        plain = bool(items) and not _ESCAPED.search("".join(items))
    except TypeError:
        plain = False
    if plain:
        between = '"\n"'.join(items)
        return f'"{between}"'.encode().split(b"\n")
    return [item_text(item) for item in items]


def item_text(item: Any) -> bytes:
    """One item as compact JSON in UTF-8, members sorted."""
    return json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
