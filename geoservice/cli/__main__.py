"""``python -m geoservice.cli``."""

from geoservice.cli.app import main

if __name__ == "__main__":
    main()
