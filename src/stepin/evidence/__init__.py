"""From the log to the evidence: facts, the moment cube, estimators, power and the report."""
