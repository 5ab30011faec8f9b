"""What stands in for the world around the platform: a Git server, a model, Slack, PagerDuty, metrics, KServe.

Nothing under services/ or libs/ knows that it is there. Everything listens on the loopback address alone.
"""
