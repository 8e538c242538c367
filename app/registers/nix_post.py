"""NIX adresserat (Sweden): people who take no addressed advertising. Good for three months from its date."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["nix_post"], ("postal_address",))
