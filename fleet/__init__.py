"""A fleet of simulated branches on the real uplink: thousands of them, with a day's rhythm, in few processes."""
