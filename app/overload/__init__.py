"""More people than the shop can serve: some are asked to come again in a moment, so that the others get through."""
