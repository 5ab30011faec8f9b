"""Events and triggers become messages, once, with a ledger."""
