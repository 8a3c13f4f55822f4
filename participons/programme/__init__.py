"""A programme, read from a file that people can read, and written as a démarche.

`when` reads dates as people say them, `schema` reads and judges the files, `shift` moves dates, `fill` writes them
into sentences, `load` writes the rows.
"""
