"""The tree over a whole list, streamed or as a file: its rows are committed as they are answered.

What is committed of a row can be read from the answer alone, so that nothing else is needed to open it: of a
row of CSV the text of its field, of a row of JSON the identifier that it holds, and of a row that is answered
INPUT_INVALID, because nobody could read it, `null`.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from app.domain.column import Column
from app.usecases.commit_rows import RowTree, item_texts, verdict_of
from app.usecases.look_up import Found

UNREAD: Final = "INPUT_INVALID"
"""The code of a row of which nothing is committed but that."""

_NOTHING: Final = b"null"
_ESCAPED: Final = re.compile(rb"[\\\x01-\x09\x0b-\x1f]|\x00(?!\x00*\Z)")
"""What a JSON text would hold another way, anywhere in rows without quotes, which end in zeros."""


def commit_part(tree: RowTree, items: Sequence[Any], found: Found) -> None:
    """Add the next rows of a list, as they were stated and answered."""
    told = {index: verdict_of(decision) for index, decision in found.special.items()}
    unread = [index for index, decision in found.special.items() if decision.code == UNREAD]
    if found.usual.code == UNREAD:
        unread += set(range(found.count)) - found.special.keys()
    if isinstance(items, Column) and not _ESCAPED.search(items.data.tobytes()):
        texts = [b'"%b"' % text for text in items.encoded()]
    else:
        stated = list(items)
        for index in unread:
            stated[index] = ""
        texts = item_texts(stated)
    for index in unread:
        texts[index] = _NOTHING
    tree.add_texts(texts, verdict_of(found.usual), told)
