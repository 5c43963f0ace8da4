"""Load scripts and the last figures."""
