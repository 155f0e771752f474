"""What is computed for a trial: results, power, trial status, metrics.

No layout and no page.
"""
