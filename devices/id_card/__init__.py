"""A reader of the PRC resident identity card and the permits that look like it to a reader."""
