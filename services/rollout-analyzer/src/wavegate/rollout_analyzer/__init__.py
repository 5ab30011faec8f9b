"""Rollout and AnalysisRun: weights, measurements, verdicts."""
