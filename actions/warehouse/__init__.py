"""Rows of a warehouse (Reverse ETL): a model is compared with the last sync, and what has changed goes out as events.

`warehouse.py` is the seam: a database is one module behind it. The comparison is SQL, and the database's work.
"""
