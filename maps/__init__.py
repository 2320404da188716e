"""Maps: folium documents that work without the internet; knows only the words of the domain."""
