"""Live feeds over HTTP, and how many may be open."""
