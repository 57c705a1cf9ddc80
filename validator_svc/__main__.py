"""`python -m validator_svc` does what the command `validator-svc` does."""

from validator_svc.cli import main

main()
