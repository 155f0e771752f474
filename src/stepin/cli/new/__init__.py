"""`stepin new`: templates for what a team or a contributor adds, each with a failing test."""
