"""The outbound HTTP gate."""
