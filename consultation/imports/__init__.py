"""Contributions gathered by another tool: read a file, check each row, write them once."""
