"""Rows as code: the Python functions of the table, read once into one typed form, printed as JavaScript and as C.

`reading` turns a function into the form of `form`; `javascript` and `c` print it. Nothing imports this package when a
program runs, but the page, which embeds the rows that it needs. Start reading at `form`, then at `reading`.
"""
