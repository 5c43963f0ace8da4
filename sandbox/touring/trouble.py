"""The one way a tour ends early."""


class TourFailed(Exception):
    """Something is not as it should be: what was expected, and what was there instead."""

    def __init__(self, expected: str, seen: str = ""):
        super().__init__(expected)
        self.expected = expected
        self.seen = seen


class CannotTour(Exception):
    """The tour cannot begin; the message says why and what to do."""
