"""The crash test of the whole line: brokers, head office, databases and branches die at random, and every entry of
every branch must be at head office in the end, once and unaltered."""
