"""Search by identifier. It is posted, so that no identifier stands in an address or a log, and says why."""

from typing import Final

from starlette.responses import Response

from app.console.doors import page, reading
from app.console.masking import masked
from app.console.visits import Visit
from app.domain.channels import channel_codes
from app.domain.identifier import UnreadableIdentifier
from app.domain.refusals import Refusal, RefusedError
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.search_everywhere import SEARCHED, search_everywhere

TYPES: Final = ("phone", "email", "personal_number", "customer_ref")
REGIONS: Final = ("SE", "DK", "NO", "FI")


async def form(visit: Visit) -> Response:
    return visit.page("search.html", found=None, types=TYPES, regions=REGIONS, failed=False)


async def find(visit: Visit) -> Response:
    """Entries and mandates of an identifier. What cannot be read is told beside the field, and not echoed."""
    kind = visit.form.get("type", "")
    region = visit.form.get("region", "")
    given = GivenIdentifier(
        kind if kind in TYPES else TYPES[0], visit.text("value"), None, region if region in REGIONS else None
    )
    purpose = visit.text("purpose")
    try:
        asked = read_identifier(given, visit.now.date())
        found = await visit.act(SEARCHED, lambda unit, act_: search_everywhere(unit, act_, given), purpose)
    except UnreadableIdentifier:
        return visit.page("search.html", 422, found=None, types=TYPES, regions=REGIONS, failed=True)
    except RefusedError as refused:
        if refused.code is not Refusal.INVALID_IDENTIFIER:
            raise
        return visit.page("search.html", 422, found=None, types=TYPES, regions=REGIONS, failed=True)
    return visit.page(
        "search.html",
        found=found,
        asked=masked(given.type, getattr(asked, "value", None)),
        purpose=purpose,
        types=TYPES,
        regions=REGIONS,
        failed=False,
        channel_codes=channel_codes,
    )


DOORS = (page("/search", form), reading("/search/found", find))
