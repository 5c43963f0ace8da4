"""Is the shop set up right, and does it run? One line for each thing that can be wrong, with the way out."""
