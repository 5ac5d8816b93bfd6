"""INTAKE. What branches send, into the ledger, and the answer: in the board's process, or in several of their own.

`__main__` is one such process; `crew` starts several beside the board; `leases` says whose branches are whose.
"""
