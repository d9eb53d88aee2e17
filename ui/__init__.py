"""The faces: command line and dashboard. Import `pipeline` and `store`; nobody imports them."""
