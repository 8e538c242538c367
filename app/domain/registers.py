"""National registers as the rules see them: what a register covers, and how long a version of it is valid.

They are data: a change of the law is a change of a row. A register that a controller consults decides only
through an imported version. As long as there is none that is fresh, a covered question is blocked (R32),
never answered from nothing. A register that has ended decides nothing, and stays listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.calendar import midnight, months_later, next_quarter
from app.domain.channels import CHANNELS


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a version may be used, from its own date: months, days, or until the next quarterly issue."""

    months: int = 0
    days: int = 0
    quarterly: bool = False

    def end(self, version: date) -> datetime:
        """The last moment at which a version of that date is not too old."""
        if self.quarterly:
            return midnight(next_quarter(version))
        return midnight(months_later(version, self.months) + timedelta(days=self.days))


@dataclass(frozen=True, slots=True)
class Register:
    """One register: the country whose law made it, what it covers, its name for people, how long a version
    is valid. `customers`: a customer of the same kind of goods may be contacted all the same. `charity`: it
    has a flag of its own for fundraising. `sector`: it is asked by that sector alone. `source`: addresses
    are taken from it, so that a reservation there is a block at the source."""

    code: str
    country: str
    name: str
    channels: frozenset[str]
    purposes: frozenset[str]
    limit: Limit
    customers: bool = False
    charity: bool = False
    sector: str | None = None
    source: bool = False
    ended_on: date | None = None

    def covers(self, channel: str, purpose: str, on: date | None = None) -> bool:
        """Whether the law has this register asked before such a dispatch, on that day."""
        ended = self.ended_on is not None and on is not None and on >= self.ended_on
        return channel in self.channels and purpose in self.purposes and not ended

    def valid_until(self, version: date) -> datetime:
        """Until when a version of that date may be used."""
        return self.limit.end(version)

    def demanded_of(self, country: str, sector: str | None) -> bool:
        """Whether the law would have a controller of this country and sector ask it."""
        return self.country == country and not self.source and self.sector in {None, sector}


_CALLS = frozenset({"voice_live"})
_POST = frozenset({"post_addressed"})
_ALL = frozenset(CHANNELS)
_MARKETING = frozenset({"marketing"})
_DM = frozenset({"marketing", "fundraising"})
_MONTH, _QUARTER = Limit(months=1), Limit(quarterly=True)

_ROWS = (
    Register("nix_phone", "SE", "NIX-Telefon", _CALLS, _DM, Limit(months=2), customers=True),
    Register("nix_post", "SE", "NIX adresserat", _POST, _MARKETING, Limit(months=3), customers=True),
    Register("robinson_dk", "DK", "Robinsonlisten", _CALLS | _POST, _MARKETING, _QUARTER),
    Register(
        "reservasjon_no",
        "NO",
        "Reservasjonsregisteret",
        _CALLS | _POST,
        _DM,
        _MONTH,
        customers=True,
        charity=True,
    ),
    Register("tps_uk", "GB", "Telephone Preference Service", _CALLS, _DM | {"political"}, Limit(days=28)),
    Register("spelpaus_se", "SE", "Spelpaus", _ALL, _MARKETING, Limit(days=1), sector="gambling"),
    Register("bloctel_fr", "FR", "Bloctel", _CALLS, _MARKETING, _MONTH, ended_on=date(2026, 8, 11)),
    Register("spar_se", "SE", "SPAR", _POST, _MARKETING, _MONTH, source=True),
)

REGISTERS: Mapping[str, Register] = {row.code: row for row in _ROWS}


def covering(codes: tuple[str, ...], channel: str, purpose: str, on: date | None = None) -> list[str]:
    """Those of the consulted registers that cover the question, in the order of the policy. One that this
    version does not know may cover anything, and cannot be asked."""
    return [code for code in codes if code not in REGISTERS or REGISTERS[code].covers(channel, purpose, on)]
