"""Files nobody names any more: noticed one day, taken away the next."""
