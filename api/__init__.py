"""The web: routes of a few lines around the service, and the pages people use."""
