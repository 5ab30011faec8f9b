"""One module for each outside system, thin."""
