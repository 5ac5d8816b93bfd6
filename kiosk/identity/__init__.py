"""Is this the card's owner? One live face against one reference picture, in memory; nobody is searched for, nothing is kept.

models.py       the checked model files            finder.py     where faces are, for both engines
engine.py       what an engine is; opens one       opencv_engine.py, dlib_engine.py   a face -> a template
calibration.py  from which likeness on it is one person, and how often that is wrong
quality.py      is this face good enough to judge  guidance.py   the one thing to ask of the customer, without flicker
decision.py     reference and live frames -> a verdict
liveness.py     does a head turn when asked to     turning.py, surface.py   does what turns leave the plane, by points, by structures
continuity.py   did it come here as heads move     eyelids.py, opened.py    have both eyes closed; are they open
check.py        one customer's check as the kiosk runs it: session.py (pure; session_events.py, session_shown.py) and worker.py (a thread)
liveness_files.py, sequences.py   liveness of files; files -> frames     on_head.py   is the picture upside down
evaluate_liveness.py, evaluate_sessions.py, evaluate_blinks.py   how much of what is drawn passes
                (people.py: of whom; staged.py, staged_eyes.py: as what)
pairs.py, evaluate.py   the words of `python -m kiosk.identity` (evaluate_lfw.py, evaluate_london.py, error_rates.py, figures.py, cost.py)
"""
