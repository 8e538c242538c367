"""NIX-Telefon (Sweden): private numbers that take no sales calls. Good for two months from its date."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["nix_phone"], ("phone",))
