"""Scopes and evidence as they are sent and answered: channels, purposes, what shows that an act is real."""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from app.api.schemas.base import Request, Text500, Time, limited
from app.domain.channels import channel_codes, channel_mask
from app.domain.purposes import purpose_codes

ChannelCode = Literal[
    "sms",
    "mms",
    "email",
    "voice_auto",
    "fax",
    "direct_message",
    "push",
    "voice_live",
    "post_addressed",
    "profiling",
    "list_share",
    "audience_upload",
]
Channels = Literal["all"] | Annotated[list[ChannelCode], limited(12, 1)]
ServiceId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class Evidence(Request):
    """What shows that an act is the person's: how it reached the controller, and where that can be found."""

    method: Literal["person", "form", "call", "email", "sms", "letter", "eid", "agent", "operator", "other"]
    reference: Text500
    at: Time | None = None

    def said(self) -> dict[str, Any]:
        """As it is sealed in the vault."""
        return self.model_dump(mode="json", exclude_none=True)


def mask_of(channels: Literal["all"] | list[ChannelCode]) -> int:
    """The scope mask of what was sent."""
    return channel_mask(None if channels == "all" else channels)


def spoken_channels(mask: int) -> Literal["all"] | list[str]:
    """A channel mask as it is answered."""
    codes = channel_codes(mask)
    return "all" if codes is None else codes


def spoken_purposes(mask: int) -> Literal["all"] | list[str]:
    """A purpose mask as it is answered."""
    codes = purpose_codes(mask)
    return "all" if codes is None else codes
