"""SPAR (Sweden): people who want no advertising by addresses from the population register. A hit is a block
at the source, and not one of a list of refusals."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["spar_se"], ("postal_address",))
