"""Fakes of the ports, shipped with the package. May import everything below `app`; product code never imports it."""
