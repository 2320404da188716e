"""Statistics that know nothing of complaints: arrays in, frozen results out."""
