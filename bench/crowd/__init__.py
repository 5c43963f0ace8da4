"""`make load`: a crowd of buyers in a shop that has a past."""
