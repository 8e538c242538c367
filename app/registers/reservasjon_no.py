"""Reservasjonsregisteret (Norway): by number, address or national identity number, with a flag for those
who want nothing from charities either. Good for one month from its date."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(
    REGISTERS["reservasjon_no"], ("phone", "personal_number", "postal_address"), charities=True
)
