"""`python -m demo`: see `demo.run`. Ctrl-C ends it without ado while it is still loading."""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)

if __name__ == "__main__":
    from demo.run import main

    sys.exit(main())
