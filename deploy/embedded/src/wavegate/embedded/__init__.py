"""The embedded platform: NATS, a Kubernetes control plane, Prometheus and the services as children of one process."""
