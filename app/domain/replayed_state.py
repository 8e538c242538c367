"""What the register's rows add up to: entries in force, states of objections and mandates, whole versions.

A register whose rows contradict each other was not written by this program, whatever its journal says.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

_STATES: Final = {
    "entry_state": ("entry", ("controller_no", "entry_id")),
    "mandate_state": ("mandate", ("mandate_id",)),
    "objection_state": ("objection", ("objection_id",)),
    "party_state": ("party", ("party_id",)),
}
"""Tables of numbered states: whose states they are, and the columns that say so."""

_BESIDE: Final = {
    "entry_release": ("entry", ("controller_no", "entry_id")),
    "entry_key": ("entry", ("controller_no", "entry_id")),
    "fact_end": ("fact", ("controller_no", "fact_id")),
    "fact_key": ("fact", ("controller_no", "fact_id")),
}
"""Tables whose rows stand beside another row."""

_THINGS: Final = {
    "entry": ("entry", ("controller_no", "id")),
    "consent": ("fact", ("controller_no", "id")),
    "relationship": ("fact", ("controller_no", "id")),
    "mandate": ("mandate", ("id",)),
    "objection": ("objection", ("id",)),
    "party": ("party", ("id",)),
}

Name = tuple[Any, ...]


def _name(row: Mapping[str, Any], columns: tuple[str, ...]) -> Name:
    return tuple(_scalar(row.get(column)) for column in columns)


def _scalar(value: object) -> Any:
    if isinstance(value, dict | list):
        raise TypeError("no name has parts")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("this is no number")
    return value


class Replay:
    """Takes every row of the register in any order, and says what fits together."""

    def __init__(self) -> None:
        self._things: dict[str, set[Name]] = defaultdict(set)
        self._beside: dict[str, set[Name]] = defaultdict(set)
        self._states: dict[str, dict[Name, dict[int, str]]] = defaultdict(dict)
        self._versions: dict[Any, set[int]] = defaultdict(set)
        self._used: dict[Any, int] = defaultdict(int)

    def take(self, table: str, row: Mapping[str, Any]) -> None:
        """One more row. Raises TypeError or KeyError for one that no table can hold."""
        if table in _THINGS:
            kind, columns = _THINGS[table]
            self._things[kind].add(_name(row, columns))
        if table in _BESIDE:
            self._beside[table].add(_name(row, _BESIDE[table][1]))
        if table in _STATES:
            ordinal, state = _number(row["ordinal"]), str(row["state"])
            self._states[table].setdefault(_name(row, _STATES[table][1]), {})[ordinal] = state
        if table == "controller_version":
            self._versions[_scalar(row["controller_no"])].add(_number(row["version"]))
        elif "version" in row and "controller_no" in row:
            number = _scalar(row["controller_no"])
            self._used[number] = max(self._used[number], _number(row["version"]))

    def contradictions(self) -> Iterator[tuple[str, str, str]]:
        """Table, key and what is wrong."""
        yield from self._version_gaps()
        yield from self._state_gaps()
        yield from self._strays()

    def _version_gaps(self) -> Iterator[tuple[str, str, str]]:
        for number, versions in self._versions.items():
            if versions != set(range(1, len(versions) + 1)):
                yield "controller_version", str(number), "its versions have a gap"
        for number, used in self._used.items():
            if used > len(self._versions.get(number, ())):
                yield "controller_version", str(number), f"a row has version {used}, which was never given"

    def _state_gaps(self) -> Iterator[tuple[str, str, str]]:
        for table, (kind, _) in _STATES.items():
            for name, states in self._states[table].items():
                if name not in self._things[kind]:
                    yield table, _told(name), f"there is no such {kind}"
                if sorted(states) != list(range(min(states), min(states) + len(states))):
                    yield table, _told(name), "its states have a gap"

    def _strays(self) -> Iterator[tuple[str, str, str]]:
        for table, (kind, _) in _BESIDE.items():
            for name in self._beside[table] - self._things[kind]:
                yield table, _told(name), f"there is no such {kind}"
        for name in self._things["entry"] - self._beside["entry_key"]:
            yield "entry", _told(name), "no lookup can find it"
        for kind in ("mandate", "objection"):
            for name in self._things[kind] - self._states[f"{kind}_state"].keys():
                yield kind, _told(name), "it has no state"

    def figures(self) -> dict[str, int]:
        """How much there is of what, as it stands now."""
        released = self._beside["entry_release"]
        figures = {
            "entries in force": len(self._things["entry"] - released),
            "entries released": len(released),
            "controllers' versions": sum(len(versions) for versions in self._versions.values()),
        }
        for kind in ("mandate", "objection"):
            newest = Counter(states[max(states)] for states in self._states[f"{kind}_state"].values())
            figures |= {f"{kind}s {state}": count for state, count in sorted(newest.items())}
        return figures


def _told(name: Name) -> str:
    return ",".join(str(part) for part in name)
