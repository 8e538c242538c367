"""Where a figure was measured: without this it says nothing."""

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def machine() -> dict[str, str | int]:
    """Cores, processor, memory, Python."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _line(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "memory": _line(Path("/proc/meminfo"), "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": " ".join(f"{one:.2f}" for one in os.getloadavg()),
    }


def commit() -> str:
    """The commit that was measured, marked when the files differ from it; empty outside a repository."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    except OSError:
        return ""
    return answer.stdout.strip()


def resident_megabytes(pid: int) -> float:
    """What a process holds in memory now, /proc/PID/status; 0 when it has ended."""
    told = _line(Path(f"/proc/{pid}/status"), "VmRSS")
    return int(told.split()[0]) / 1024 if told else 0.0


def _line(file: Path, name: str) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
