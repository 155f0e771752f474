"""`stepin floor`: what a simulated floor does under a policy."""
