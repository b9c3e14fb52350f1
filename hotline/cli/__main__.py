"""`python -m hotline.cli`, where the installed command is not on the path."""

from hotline.cli import main

main()
