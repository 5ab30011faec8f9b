"""Pure decisions of the syncer."""
