"""Robinsonlisten (Denmark): names and addresses, given out each quarter. A list that was matched with phone
numbers may hold those too. Good for three months from its date."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["robinson_dk"], ("postal_address", "phone"))
