"""Routes, grouped as people think of them."""
