"""Events, commands, subjects and failures that all Wavegate parts share."""
