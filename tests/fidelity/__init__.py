"""What passes the proxy is what was sent (I6), shown by raw sockets at both ends.

`cases` holds the table, `stage` plays one case directly or through a facade, `comparing` tells what differs and whether
it may; `python -m bench.fidelity` writes the result down.
"""
