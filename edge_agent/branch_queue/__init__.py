"""The rules of the branch's queue. Standard library only: no I/O, no clock, no randomness of its own.

`moves` says what a wish leads to (facts) or why not (a refusal); `queue` applies facts to the state.
"""
