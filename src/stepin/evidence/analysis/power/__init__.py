"""Power by simulation on a team's own past: the smallest effect that a trial would see."""
