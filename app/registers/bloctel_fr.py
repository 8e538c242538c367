"""Bloctel (France): ended on 11 August 2026, since when unasked calls need consent. It decides nothing."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["bloctel_fr"], ("phone",))
