"""Decisions of the Rollout and AnalysisRun controllers: values in, a decision value out."""
