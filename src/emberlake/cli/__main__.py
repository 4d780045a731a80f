"""`python -m emberlake.cli`, for where the script's folder is not on the path."""

from emberlake.cli import main

main()
