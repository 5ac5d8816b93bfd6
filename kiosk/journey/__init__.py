"""The customer's steps as a pure machine: (step, event) -> (step, wishes). No window, no clock, no wire.

step.py      everything about the present customer        events.py    what happens
course.py    what an event leads to                       wishes.py    what is wished of branch and machines
errands.py, visits.py, opinions.py, staff.py              one journey each
patience.py  how long a screen waits, and when it asks whether more time is needed
"""
