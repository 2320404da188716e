"""Budgets that keep a hostile or broken file from taking the machine down; checked before reading."""

from __future__ import annotations

MAX_COLUMNS = 2_000
MAX_RECORD_BYTES = 1_000_000
MAX_QUOTED_LINES = 200

MAX_ZIP_ENTRIES = 200
MAX_ZIP_BYTES = 400_000_000
MAX_ZIP_RATIO = 100
# Small parts compress arbitrarily well (a theme of 7 kB); the ratio only matters for large ones.
ZIP_RATIO_FROM_BYTES = 5_000_000
MAX_SHEET_CELLS = 60_000_000

MAX_JSON_BYTES = 256_000_000
MAX_JSON_DEPTH = 64
MAX_VERTICES = 200_000

MAX_PARQUET_ROWS = 20_000_000
# A column of real records cannot shrink below this; a file that claims so is a bomb.
MIN_PARQUET_BYTES_PER_ROW = 0.5
PARQUET_RATIO_FROM_ROWS = 100_000
MAX_BATCH_BYTES = 256_000_000

BLOCK_BYTES = 4_000_000
CHUNK_RECORDS = 25_000
