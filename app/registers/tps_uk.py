"""Telephone Preference Service (United Kingdom): numbers that take no sales calls. Good for 28 days."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["tps_uk"], ("phone",))
