"""What is no text at all, or nearly one, is refused in the way that its reader says, and in no other.

`python -m tests.fuzz NAME` looks for more, guided by the lines that are reached (atheris), and writes what it
finds into the corpus; whatever lies there is tried here for ever.
"""

import random
import re
import time
from pathlib import Path

import pytest

from app.intake import WAYS
from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 0.5
INTERESTING = (
    *(
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xe2\x80\xae",
        b"\xef\xbc\x95",
        b"\xd9\xa3",
        b'"',
        b"'",
        b"\\",
        b"\r\n",
    ),
    *(
        b"\\ud800",
        b"\\u0000",
        b"1e400",
        b"-0",
        b"9" * 40,
        b"{}",
        b"[",
        b"]",
        b",",
        b":",
        b"%00",
        b"&",
        b"=",
        b"+46",
    ),
    *(
        b"NaN",
        b"true",
        b"<!ENTITY x SYSTEM 'file:///'>",
        b"@",
        b".",
        b"--b",
        b"\xef\xbb\xbf",
        b" " * 70,
        b"\t",
    ),
)


def kept(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def changed(chance: random.Random, seeds: list[bytes]) -> bytes:
    """One seed with a few pieces taken out, put in, turned round, or joined with another."""
    raw = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randint(0, len(raw)) for _ in range(2))
        match chance.randrange(5):
            case 0:
                del raw[at : min(to, at + 8)]
            case 1:
                raw[at:at] = chance.choice(INTERESTING)
            case 2:
                raw[at:at] = chance.randbytes(chance.randint(1, 4))
            case 3:
                raw[at:to] = raw[at:to][::-1]
            case _:
                raw[at:] = chance.choice(seeds)[at:]
    return bytes(raw)


def try_out(name: str, raw: bytes) -> None:
    target = TARGETS[name]
    try:
        target.read(raw)
    except target.refuses:
        pass
    except Exception as fault:  # noqa: BLE001 -- whatever it is, it is told with what it came from
        pytest.fail(f"{name}: {type(fault).__name__} for {raw!r}")


@pytest.mark.parametrize("name", TARGETS)
def test_a_reader_refuses_in_its_own_words_only(name: str) -> None:
    seeds = [*TARGETS[name].seeds, *kept(name)]
    for raw in seeds:
        try_out(name, raw)
    chance, until = random.Random(name), time.monotonic() + SECONDS  # noqa: S311 -- reproducible
    for _ in range(3_000):
        try_out(name, changed(chance, seeds))
        if time.monotonic() > until:
            break


def test_every_way_in_has_a_target_and_so_has_every_folder_of_the_corpus() -> None:
    assert set(WAYS) <= set(TARGETS)
    assert {path.name for path in CORPUS.iterdir()} <= set(TARGETS)
    assert not [name for name in TARGETS if not re.fullmatch(r"[a-z0-9_]+", name)]
