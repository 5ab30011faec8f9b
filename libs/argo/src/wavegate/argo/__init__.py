"""Models of the custom resources that Wavegate honours, and of its own."""
