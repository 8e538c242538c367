"""Spelpaus (Sweden): people who have excluded themselves from gambling, by personal number, and by number or
address where the list has them. It changes by the hour: good for the day after its date (default)."""

from app.domain.register_list import RegisterList
from app.domain.registers import REGISTERS

LIST = RegisterList(REGISTERS["spelpaus_se"], ("personal_number", "phone", "postal_address"))
