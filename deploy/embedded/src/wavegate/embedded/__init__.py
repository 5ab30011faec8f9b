"""The embedded platform: real parts as supervised children of one process."""
