"""Backup and restore: the whole shop in one file, and back, on whichever database."""
