"""The purposes of a dispatch, and those that an objection or a source block may name: closed tables.

DM (direct marketing) is marketing and fundraising; `winback` and `repermission` are marketing whatever
they are called (C-654/23: promotional content makes the message direct marketing).
"""

from collections.abc import Iterable
from dataclasses import dataclass

DIRECT_MARKETING = "direct_marketing"


@dataclass(frozen=True, slots=True)
class Purpose:
    """One row: `bit` in a scope mask; `direct_marketing` and `interest_based` say what the law makes of it.

    interest_based: the processing usually rests on GDPR Art. 6(1)(e) or (f), so that Art. 21(1) reaches it.
    """

    code: str
    bit: int
    direct_marketing: bool = False
    marketing_in_disguise: bool = False
    interest_based: bool = False


_ROWS = (
    Purpose("marketing", 1 << 0, direct_marketing=True, interest_based=True),
    Purpose("fundraising", 1 << 1, direct_marketing=True, interest_based=True),
    Purpose("political", 1 << 2, interest_based=True),
    Purpose("research", 1 << 3, interest_based=True),
    Purpose("societal_public", 1 << 4, interest_based=True),
    Purpose("service", 1 << 5),
    Purpose("legal_notice", 1 << 6),
    Purpose("emergency", 1 << 7),
    Purpose("rights_reply", 1 << 8),
    Purpose("winback", 1 << 9, direct_marketing=True, marketing_in_disguise=True, interest_based=True),
    Purpose("repermission", 1 << 10, direct_marketing=True, marketing_in_disguise=True, interest_based=True),
)

PURPOSES = {row.code: row for row in _ROWS}
ALL_PURPOSES = 0x7FFF_FFFF
DM_MASK = sum(row.bit for row in _ROWS if row.direct_marketing)

OBJECTION_PURPOSES = (DIRECT_MARKETING, "political", "research")
"""What the scope of an objection may name: Art. 21(2) for direct marketing, Art. 21(1) for the others."""

BLOCK_PURPOSES = (DIRECT_MARKETING, *PURPOSES)
"""What a block at a source may name; a broker's default is all."""


def purpose_mask(codes: Iterable[str] | None) -> int:
    """The scope mask of some purposes; None means all, `direct_marketing` every DM purpose."""
    if codes is None:
        return ALL_PURPOSES
    mask = 0
    for code in codes:
        mask |= DM_MASK if code == DIRECT_MARKETING else PURPOSES[code].bit
    return mask


def purpose_codes(mask: int) -> list[str] | None:
    """The codes in a scope mask, DM purposes folded into `direct_marketing`; None when it is all."""
    if mask == ALL_PURPOSES:
        return None
    codes = [DIRECT_MARKETING] if mask & DM_MASK == DM_MASK else []
    rest = mask & ~DM_MASK if codes else mask
    return codes + [row.code for row in _ROWS if row.bit & rest]
