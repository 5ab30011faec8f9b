"""The wavegate command."""
