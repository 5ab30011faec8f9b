"""Pure knowledge of Kubernetes manifests: identity, order, ownership, health."""
