"""The kiosk without sight: a keypad and headphones. Off unless kiosk.toml has a section [speech].

reading.py   a Frame -> what is said of it, in order           listener.py  (listener, key or new screen) -> what is said now
pad.py       the window's key codes -> keys                    mode.py      wires them; the only face that the app needs
voice.py     says texts, one after the other                   aloud.py, clips.py, player.py   how a text becomes sound
"""
