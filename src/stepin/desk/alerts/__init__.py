"""From scores to people.

Scoring after each turn, the budget of alerts, the brief, eligibility by topic, and webhooks
belong here.
"""
