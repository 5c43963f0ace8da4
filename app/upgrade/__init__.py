"""`flask upgrade`: from one release to the next, and back. What runs while code is swapped needs nothing but Python; what
asks the shop is run as a command of the release it belongs to (steps.py)."""
