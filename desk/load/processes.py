"""What each process of ours costs while the load runs: processor time and memory."""

from dataclasses import dataclass

import psutil

MIB = 1024**2
DESK, RASA = "desk.serve", "rasa"
"""What stands in the command lines of our processes."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds since the process began, and memory in MiB that it has to itself."""

    cpu_s: float
    memory_mib: float

    def since(self, before: "Usage") -> float:
        """Return the processor seconds between two readings."""
        return self.cpu_s - before.cpu_s


def usage_of(marker: str) -> Usage:
    """Add up the children of this process whose command line has the marker."""
    cpu_s = memory = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            if marker in child.cmdline():
                times = child.cpu_times()
                cpu_s += times.user + times.system
                memory += child.memory_full_info().uss
        except psutil.Error:
            # It has ended between the listing and the look.
            continue
    return Usage(cpu_s, memory / MIB)
