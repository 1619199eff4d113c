"""Rows as code: the Python functions of the table, read once into one typed form, printed as JavaScript and as C.

`form` shows one row on its way. `program` collects the functions that rows need; `reading` and `statements` turn the source of
each into the form; `javascript` and `c` print it, `kernels` for the native engine. `intrinsics` are the functions that each target
has, `algorithms` those that Python computes by its own and the printers print. At run time only the page imports this.
"""
