"""Read by the buyers, who import nothing of the shop, and by the report."""

# Seconds between two clicks of one person.
THINKING = (5.0, 15.0)
