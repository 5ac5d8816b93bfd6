"""The live board: what its pages read, and the pages."""
