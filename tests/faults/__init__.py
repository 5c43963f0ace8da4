"""The fault suite: orders by several buyers against real processes that are killed, cut off and lied to meanwhile."""
