"""aiohttp in, aiohttp out; decides nothing.

May import `flow` and everything below it, and aiohttp. An entrance is: read the request, `flow`, write the answer in
that protocol's own form. Errors of every entrance come from one table, `edge/problem.py`.
"""
