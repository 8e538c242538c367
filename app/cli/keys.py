"""The key ring of a running registry, changed without a moment in which anything is answered differently."""

import asyncio

import typer

from app.cli.running import Folder, ring_of, say
from app.crypto.instruments import instruments
from app.crypto.keys import KeyRing, replace_ring
from app.crypto.master_keys import announced, exchanged, settled
from app.domain.refusals import OperatorError
from app.settings import Settings, keys_path, load_settings, public_url
from app.storage.embedded.running import operator_url
from app.storage.rewrapping import rewrap_all, strangers

keys = typer.Typer(no_args_is_help=True)

_RESTART = "give the ring to every machine, restart the workers (kill -HUP), and run this again"


@keys.callback()
def _group() -> None:
    """Exchange keys."""


@keys.command("rotate")
def rotate(data_dir: Folder = None) -> None:
    """Exchange the master key of the vault, a step at a time; run it until it says that it is done."""
    settings = load_settings(data_dir=data_dir)
    path = keys_path(settings)
    ring = ring_of(settings)
    url = settings.database_url or operator_url(settings.data_dir)
    _refuse_strangers(url, settings, ring)
    if ring.coming_master_key is not None:
        replace_ring(path, ring, exchanged(ring))
        say(f"2 of 3: the new master key wraps what is new. Now {_RESTART}")
    elif ring.former_master_key is not None:
        count = asyncio.run(rewrap_all(url, instruments(ring, public_url(settings)).vault))
        replace_ring(path, ring, settled(ring))
        say(f"3 of 3: {count} data keys are wrapped anew, and the former master key is given up: done.")
        say("Restart the workers once more, back the ring up, and keep its copy of before with old backups")
    else:
        replace_ring(path, ring, announced(ring))
        say(f"1 of 3: a new master key is in the ring. Back it up; then {_RESTART}")


def _refuse_strangers(url: str, settings: Settings, ring: KeyRing) -> None:
    """A process with an older ring could not open what the next step lets others wrap."""
    count = asyncio.run(strangers(url, instruments(ring, public_url(settings))))
    if count:
        raise OperatorError(f"{count} connections are of processes with another key ring; restart them first")
