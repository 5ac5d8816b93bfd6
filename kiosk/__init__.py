"""THE TERMINAL. What a customer touches."""

VERSION = "0.1.0"
