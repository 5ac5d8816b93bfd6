"""Measures the real programs, each figure beside the raw limit of the machine in the same run."""
