"""A revision becomes the exact objects it means."""
