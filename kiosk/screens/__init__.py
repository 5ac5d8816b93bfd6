"""One screen = one file: a function from a View to a Page (see page.py). frame.py puts the common parts around it."""
