"""What the story's objects are called, and who writes them."""

CONTROL_PLANE, NAMESPACE = "argocd", "fraud"
APPLICATION = "fraud-model"
ROLLOUT = "model-server"
STABLE, CANARY = "model-server-stable", "model-server-canary"
SYNCER, ANALYZER = "wavegate:syncer", "wavegate:rollout-analyzer"
WAVES = range(6)
ROLLOUT_WAVE = 4
