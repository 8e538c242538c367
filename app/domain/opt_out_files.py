"""The layouts in which existing opt-outs are exported: data, one row each, recognised by their columns.

What an export says besides wishes is passed over: a mailbox that is gone, or a subscriber who stayed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` (lower case) tell the layout; `only` names the values that are a wish, by column."""

    code: str
    columns: frozenset[str]
    identifier: str
    channel: str | None
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_wish(self, row: Mapping[str, str]) -> bool:
        """Whether a row is somebody's wish."""
        return all(row.get(name, "").lower() in values for name, values in self.only.items())


LAYOUTS: tuple[Layout, ...] = (
    Layout("own", frozenset({"identifier", "type", "channel"}), "identifier", None),
    Layout("mailchimp", frozenset({"email address", "unsub_time"}), "email address", "email"),
    Layout(
        "listmonk",
        frozenset({"uuid", "email", "status"}),
        "email",
        "email",
        {"status": frozenset({"blocklisted", "unsubscribed"})},
    ),
    Layout(
        "postmark",
        frozenset({"emailaddress", "suppressionreason", "origin"}),
        "emailaddress",
        "email",
        {"suppressionreason": frozenset({"manualsuppression", "spamcomplaint"})},
    ),
    Layout(
        "amazon_ses",
        frozenset({"emailaddress", "reason", "lastupdatetime"}),
        "emailaddress",
        "email",
        {"reason": frozenset({"complaint"})},
    ),
    Layout("mailgun", frozenset({"address", "tags", "created_at"}), "address", "email"),
    Layout("sendgrid", frozenset({"email", "created"}), "email", "email"),
)
"""The first that fits. An export with error codes or delivery statuses is a list of bounces: it fits none."""

_BOUNCES = frozenset({"code", "error", "bounce", "clean_time"})


def layout_of(columns: Collection[str]) -> Layout | None:
    """The layout of a file with these columns, in lower case."""
    named = frozenset(columns)
    if named & _BOUNCES or {"status", "reason"} <= named:
        return None
    return next((layout for layout in LAYOUTS if layout.columns <= named), None)
