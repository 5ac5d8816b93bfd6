"""One figure as a JSON line, and what machine and load it was measured on."""

import json
import os
import statistics
import sys
from collections.abc import Sequence


def tell(name: str, value: float, unit: str, samples: int) -> None:
    """Print one figure."""
    line = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "samples": samples,
        "machine_note": machine_note(),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def tell_times(name: str, seconds: Sequence[float]) -> None:
    """Median, 95th and 99th percentile, in ms."""
    for of, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        tell(f"{name}_{of}", quantile(seconds, share) * 1000, "ms", len(seconds))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=1000, method="inclusive")[int(share * 1000) - 1]


def machine_note() -> str:
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load {load:.1f}"
