"""The one shape of work: reconcile loop, streams, object store, telemetry."""
