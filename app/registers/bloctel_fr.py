"""Bloctel (France): ended on 11 August 2026, since when unasked calls need consent. It decides nothing."""

from datetime import date

from app.domain.register_list import RegisterList
from app.domain.registers import Register

_REGISTER = Register("bloctel_fr", "FR", "Bloctel", frozenset(), frozenset())

LIST = RegisterList(_REGISTER, ("phone",), months=1, ended=date(2026, 8, 11))
