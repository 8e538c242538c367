"""The kinds of what is said of a person to or by one controller, beside entries."""

from enum import IntEnum


class FactKind(IntEnum):
    """Stored numbers; permanent."""

    CONSENT = 1
    RELATIONSHIP = 2

    @property
    def trait(self) -> str:
        """The mark of a list that has any."""
        return f"{self.name.lower()}s"
