"""One script for each published claim: us and the floor or a peer, in the same run."""
