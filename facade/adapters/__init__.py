"""The outside world behind the ports. May import everything below `edge`; foreign errors are translated here, once.

Whatever is opened here is an async context manager that `app` enters and leaves; every task has its owner here.
"""
