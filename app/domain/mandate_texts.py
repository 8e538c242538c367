"""The registered texts of mandates: what a person reads and signs, with the claims filled in.

A text says who authorises whom to what, in which channels, towards whom and until when, what it does *not*
include, and how it is taken back (GDPR Art. 7(3) and 12(1): in plain words, and as easy to take back as to
give). A released text is never changed: another wording is another version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class MandateText:
    """One text in one language, and the words for what can stand in it."""

    body: str
    all_channels: str
    everybody: str
    rights: Mapping[str, str]
    channels: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Claims:
    """What is filled in. `controllers` are as the agent names them; None means all, as for `channels`."""

    grantor: str
    agent: str
    agent_org_no: str
    rights: Sequence[str]
    controllers: Sequence[str] | None
    channels: Sequence[str] | None
    valid_from: datetime
    valid_to: datetime


_SV = MandateText(
    body=(
        "FULLMAKT\n\n"
        "Jag, {grantor}, ger {agent} ({agent_org_no}) fullmakt att i mitt namn:\n{rights}\n\n"
        "Gäller: {channels}.\nGentemot: {controllers}.\nFrån {valid_from} till {valid_to} (UTC).\n\n"
        "Fullmakten omfattar inte att radera eller begära ut mina uppgifter, att rätta eller flytta dem, "
        "eller att avsluta medlemskap och avtal.\n\n"
        "Jag kan när som helst återkalla fullmakten hos {agent} eller hos registret. Invändningar som redan "
        "har lämnats gäller även därefter."
    ),
    all_channels="alla kanaler",
    everybody="alla företag och organisationer",
    rights=MappingProxyType(
        {
            "object_dm": "invända mot direkt marknadsföring",
            "object_dm_profiling": "invända mot profilering för direkt marknadsföring",
            "withdraw_objection": "återta invändningar som har gjorts i mitt namn",
            "receive_status": "ta emot besked om mina invändningar",
        }
    ),
    channels=MappingProxyType(
        {
            "sms": "sms",
            "mms": "mms",
            "email": "e-post",
            "voice_auto": "automatiska samtal",
            "fax": "fax",
            "direct_message": "direktmeddelanden",
            "push": "pushnotiser",
            "voice_live": "telefonsamtal",
            "post_addressed": "adresserad post",
            "profiling": "profilering",
            "list_share": "överlåtelse av adresslistor",
            "audience_upload": "målgrupper i annonsnät",
        }
    ),
)
_DA = MandateText(
    body=(
        "FULDMAGT\n\n"
        "Jeg, {grantor}, giver {agent} ({agent_org_no}) fuldmagt til i mit navn at:\n{rights}\n\n"
        "Gælder: {channels}.\nOver for: {controllers}.\nFra {valid_from} til {valid_to} (UTC).\n\n"
        "Fuldmagten omfatter ikke at slette mine oplysninger, få indsigt i dem, rette eller flytte dem, "
        "eller at afslutte medlemskaber og aftaler.\n\n"
        "Jeg kan når som helst tilbagekalde fuldmagten hos {agent} eller hos registeret. Indsigelser, der "
        "allerede er gjort, gælder også derefter."
    ),
    all_channels="alle kanaler",
    everybody="alle virksomheder og organisationer",
    rights=MappingProxyType(
        {
            "object_dm": "gøre indsigelse mod direkte markedsføring",
            "object_dm_profiling": "gøre indsigelse mod profilering til direkte markedsføring",
            "withdraw_objection": "trække indsigelser tilbage, som er gjort i mit navn",
            "receive_status": "modtage besked om mine indsigelser",
        }
    ),
    channels=MappingProxyType(
        {
            "sms": "sms",
            "mms": "mms",
            "email": "e-mail",
            "voice_auto": "automatiske opkald",
            "fax": "fax",
            "direct_message": "direkte beskeder",
            "push": "pushbeskeder",
            "voice_live": "telefonopkald",
            "post_addressed": "adresseret post",
            "profiling": "profilering",
            "list_share": "videregivelse af adresselister",
            "audience_upload": "målgrupper i annoncenetværk",
        }
    ),
)
_NB = MandateText(
    body=(
        "FULLMAKT\n\n"
        "Jeg, {grantor}, gir {agent} ({agent_org_no}) fullmakt til i mitt navn å:\n{rights}\n\n"
        "Gjelder: {channels}.\nOverfor: {controllers}.\nFra {valid_from} til {valid_to} (UTC).\n\n"
        "Fullmakten omfatter ikke å slette opplysninger om meg, få innsyn i dem, rette eller flytte dem, "
        "eller å avslutte medlemskap og avtaler.\n\n"
        "Jeg kan når som helst trekke fullmakten tilbake hos {agent} eller hos registeret. Innsigelser som "
        "allerede er fremsatt, gjelder også etter det."
    ),
    all_channels="alle kanaler",
    everybody="alle foretak og organisasjoner",
    rights=MappingProxyType(
        {
            "object_dm": "protestere mot direkte markedsføring",
            "object_dm_profiling": "protestere mot profilering for direkte markedsføring",
            "withdraw_objection": "trekke tilbake innsigelser som er fremsatt i mitt navn",
            "receive_status": "motta beskjed om innsigelsene mine",
        }
    ),
    channels=MappingProxyType(
        {
            "sms": "sms",
            "mms": "mms",
            "email": "e-post",
            "voice_auto": "automatiske oppringninger",
            "fax": "faks",
            "direct_message": "direktemeldinger",
            "push": "pushvarsler",
            "voice_live": "telefonsamtaler",
            "post_addressed": "adressert post",
            "profiling": "profilering",
            "list_share": "deling av adresselister",
            "audience_upload": "målgrupper i annonsenettverk",
        }
    ),
)
_EN = MandateText(
    body=(
        "MANDATE\n\n"
        "I, {grantor}, authorise {agent} ({agent_org_no}) to do the following in my name:\n{rights}\n\n"
        "In these channels: {channels}.\nTowards: {controllers}.\nFrom {valid_from} to {valid_to} (UTC).\n\n"
        "The mandate does not include erasing my data, asking for access to them, correcting or moving them, "
        "or ending memberships and contracts.\n\n"
        "I can take the mandate back at any time, from {agent} or at the registry. Objections that have been "
        "made by then stay in force."
    ),
    all_channels="all channels",
    everybody="all companies and organisations",
    rights=MappingProxyType(
        {
            "object_dm": "object to direct marketing",
            "object_dm_profiling": "object to profiling for direct marketing",
            "withdraw_objection": "withdraw objections that were made in my name",
            "receive_status": "be told about my objections",
        }
    ),
    channels=MappingProxyType(
        {
            "sms": "text messages",
            "mms": "picture messages",
            "email": "e-mail",
            "voice_auto": "automated calls",
            "fax": "fax",
            "direct_message": "direct messages",
            "push": "push notices",
            "voice_live": "telephone calls",
            "post_addressed": "addressed post",
            "profiling": "profiling",
            "list_share": "passing on of address lists",
            "audience_upload": "target groups in advertising networks",
        }
    ),
)

MANDATE_TEXTS: Final[Mapping[tuple[str, int, str], MandateText]] = MappingProxyType(
    {
        ("objection-mandate", 1, "sv"): _SV,
        ("objection-mandate", 1, "da"): _DA,
        ("objection-mandate", 1, "nb"): _NB,
        ("objection-mandate", 1, "en"): _EN,
    }
)
"""By id, version and language. Nothing is ever taken out: old mandates are checked against old texts."""


def rendered(text: MandateText, claims: Claims) -> str:
    """The text with the claims in it, as it must stand before the person, character for character."""
    channels = None if claims.channels is None else (text.channels[one] for one in claims.channels)
    return text.body.format(
        grantor=claims.grantor,
        agent=claims.agent,
        agent_org_no=claims.agent_org_no,
        rights="\n".join(f"- {text.rights[right]}" for right in claims.rights),
        channels=text.all_channels if channels is None else ", ".join(channels),
        controllers=text.everybody if claims.controllers is None else ", ".join(claims.controllers),
        valid_from=f"{claims.valid_from:%Y-%m-%d %H:%M}",
        valid_to=f"{claims.valid_to:%Y-%m-%d %H:%M}",
    )
