"""The crash test: kills the edge agent at the worst moments and holds it to what it has answered."""
