"""What the story expects and how it is told: pure. Evidence in, what was seen or is missing out."""
