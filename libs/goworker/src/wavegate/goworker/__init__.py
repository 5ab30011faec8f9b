"""The embedded languages run by their own Go libraries, and the Python client."""
