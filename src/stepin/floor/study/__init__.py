"""Questions to the floor: what a run shows, two policies compared, sweeps, staffing."""
