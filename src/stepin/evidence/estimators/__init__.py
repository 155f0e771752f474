"""Estimators.

Moments and exact least squares on them, row-level analyses, effects, resampling; none of them
imports a report.
"""
