"""THE BRANCH. Keeps the queue, serves hall and counters, reports to head office."""

VERSION = "0.1.0"
