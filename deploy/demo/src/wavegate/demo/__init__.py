"""The demonstration: a repository, a story and the stand-ins that it needs."""
