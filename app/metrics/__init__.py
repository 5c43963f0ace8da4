"""Figures for machines that watch: what is counted as it happens, and what the database knows, at /metrics."""
