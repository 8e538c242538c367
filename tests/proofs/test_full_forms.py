"""Every full form is run in the same way: `run(full=…, seed=…)`, counts and violations."""

import inspect
from importlib import import_module

import pytest

from tests.proofs.counted import COUNTED

FULL_FORMS = {
    "schema_mutation": "P2",
    "journal": "P3",
    "batches": "P6",
    "spelling": "P7",
    "tenants": "P8",
    "logs": "P9",
    "stolen_database": "P10",
    "restores": "P11",
    "mandates": "P12",
    "hostile_http": "P13",
    "simulation": "the core",
}


@pytest.mark.parametrize("name", FULL_FORMS)
def test_a_full_form_takes_a_seed_and_says_which_promise_it_proves(name: str) -> None:
    module = import_module(f"tests.proofs.{name}")
    signature = inspect.signature(module.run)
    assert [one.kind for one in signature.parameters.values()] == [inspect.Parameter.KEYWORD_ONLY] * 2
    assert list(signature.parameters) == ["full", "seed"]
    assert (module.__doc__ or "").startswith(f"{FULL_FORMS[name]}:") or name in {
        "schema_mutation",
        "simulation",
    }


def test_every_full_form_can_be_asked_for() -> None:
    assert {one.module for one in COUNTED.values()} == FULL_FORMS.keys()
