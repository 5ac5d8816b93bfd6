"""People who sign in to head office's board: who they are, what they may, and what they did."""
