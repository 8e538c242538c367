"""Who may do what: roles belong to kinds of party, and a controller's list to those entitled to it."""

from uuid import UUID

import pytest

from app.domain.parties import (
    ALL_CONTROLLERS,
    ROLES_OF_KIND,
    AgentState,
    Caller,
    PartyKind,
    Role,
    credential_of,
    entitled,
    organisation_key,
)
from app.domain.refusals import Refusal, RefusedError

MINE, OTHER, UNKNOWN = UUID(int=1), UUID(int=2), UUID(int=3)


def caller(**acts_for: int) -> Caller:
    found = {MINE: acts_for["mine"]} if "mine" in acts_for else {}
    return Caller(UUID(int=9), MINE, Role.SENDER, acts_for.get("mine"), found)


def test_each_kind_of_party_has_its_own_roles() -> None:
    roles = {kind.value: {role.value for role in found} for kind, found in ROLES_OF_KIND.items()}
    assert roles == {
        "controller": {"sender", "customer_service", "admin", "auditor"},
        "processor": {"sender", "admin", "auditor"},
        "agent": {"agent", "admin", "auditor"},
        "source": {"source", "admin", "auditor"},
        "registry": {"admin", "auditor"},
    }
    assert set(ROLES_OF_KIND) == set(PartyKind)
    assert set().union(*ROLES_OF_KIND.values()) == set(Role)


def test_only_agents_are_suspended() -> None:
    assert [state.value for state in AgentState] == ["active", "suspended"]


def test_a_caller_is_entitled_to_the_controllers_it_acts_for() -> None:
    assert entitled(caller(mine=7), MINE) == 7


@pytest.mark.parametrize("controller_id", [OTHER, UNKNOWN])
def test_a_foreign_controller_and_an_unknown_one_are_refused_alike(controller_id: UUID) -> None:
    with pytest.raises(RefusedError) as refused:
        entitled(caller(mine=7), controller_id)
    assert refused.value.code is Refusal.AUTH_CONTROLLER
    with pytest.raises(RefusedError):
        entitled(caller(), MINE)


def test_nobody_is_entitled_to_the_list_of_all_controllers_by_its_number() -> None:
    assert ALL_CONTROLLERS == 0
    with pytest.raises(RefusedError):
        entitled(caller(mine=7), UUID(int=ALL_CONTROLLERS))


def test_a_credential_has_one_spelling() -> None:
    assert credential_of(str(MINE)) == MINE
    for other in (str(MINE).replace("-", ""), f"{{{MINE}}}", f"urn:uuid:{MINE}", "", "admin"):
        assert credential_of(other) is None
    upper = "018F0000-0000-7000-8000-00000000000A"
    assert credential_of(upper) is None
    assert credential_of(upper.lower()) is not None


def test_an_organisation_number_is_the_same_however_it_is_written() -> None:
    assert organisation_key("556000-0001") == organisation_key("5560000001") == "5560000001"
    assert organisation_key("no 912 345 678 mva") == organisation_key("NO912345678MVA")
    assert organisation_key("no 912 345 678 mva") == "NO912345678MVA"
    assert organisation_key("5560000001") != organisation_key("5560000002")
