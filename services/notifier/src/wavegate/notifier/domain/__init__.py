"""What to tell whom, and what is still owed: pure decisions."""
