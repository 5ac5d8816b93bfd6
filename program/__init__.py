"""What every program of the house does alike: read its settings, start, answer, retry, stop."""
