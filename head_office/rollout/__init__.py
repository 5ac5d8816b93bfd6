"""Configurations and messages for the branches: kept, signed, rolled out in stages."""
