"""National registers as the rules see them: which channels and purposes a register covers.

A register that a controller consults decides only through an imported snapshot. As long as there is none
that is fresh, a covered question is blocked (R32), never answered from nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.channels import CHANNELS


@dataclass(frozen=True, slots=True)
class Register:
    """One register: the country whose law made it, what it covers, and its name for people."""

    code: str
    country: str
    name: str
    channels: frozenset[str]
    purposes: frozenset[str]

    def covers(self, channel: str, purpose: str) -> bool:
        """Whether the law has this register asked before such a dispatch."""
        return channel in self.channels and purpose in self.purposes


_CALLS = frozenset({"voice_live"})
_POST = frozenset({"post_addressed"})
_MARKETING = frozenset({"marketing"})
_DM = frozenset({"marketing", "fundraising"})

_ROWS = (
    Register("nix_phone", "SE", "NIX-Telefon", _CALLS, _DM),
    Register("nix_post", "SE", "NIX adresserat", _POST, _MARKETING),
    Register("robinson_dk", "DK", "Robinsonlisten", _CALLS | _POST, _MARKETING),
    Register("reservasjon_no", "NO", "Reservasjonsregisteret", _CALLS | _POST, _DM),
    Register("tps_uk", "GB", "Telephone Preference Service", _CALLS, _DM | {"political"}),
    Register("spelpaus_se", "SE", "Spelpaus", frozenset(CHANNELS), _MARKETING),
)

REGISTERS: Mapping[str, Register] = {row.code: row for row in _ROWS}


def covering(codes: tuple[str, ...], channel: str, purpose: str) -> list[str]:
    """Those of the consulted registers that cover the question, in the order of the policy. One that this
    version does not know may cover anything, and cannot be asked."""
    return [code for code in codes if code not in REGISTERS or REGISTERS[code].covers(channel, purpose)]
