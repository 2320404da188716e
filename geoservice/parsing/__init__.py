"""Tools that turn columns of text into typed columns, whole columns at a time.

Every function takes text columns (pandas ``str``; empty or blank = unknown) and answers the
values together with a mask of the rows it refused, so that the caller can name them.
"""
