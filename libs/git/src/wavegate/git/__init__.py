"""Hardened Git: mirrors, trees, ls-remote."""
