"""The command `validator-svc`, and `python -m validator_svc`, which is the same."""

from validator_svc.stopping import end_at_once


def main() -> None:
    """Run the command. Whoever wants it to end need not wait until it is imported."""
    end_at_once()
    from validator_svc.cli import main as run

    run()


if __name__ == "__main__":
    main()
