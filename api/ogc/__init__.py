"""OGC API – Features, Part 1: parameters, documents and the API definition; the routes are in ``api/routes/ogc.py``."""
