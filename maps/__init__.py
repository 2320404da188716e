"""Maps: folium documents that work without the internet; speaks to the domain through ``geoservice.service``."""
