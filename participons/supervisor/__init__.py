"""Starts what the portal is made of, looks after it, and stops it in order."""
