"""The outside world in a box: stand-ins for Square and for a mail server, for trials and tests only."""
