"""One whole branch on one machine: every program for real, machines simulated, customers too."""
