"""`python -m stepin` is `stepin`."""

from stepin.cli import main

main()
