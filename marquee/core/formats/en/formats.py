"""How pages write times. Django reads this module (FORMAT_MODULE_PATH)."""

# With the zone: pages for several cinemas show times of more than one.
DATETIME_FORMAT = "Y-m-d H:i T"
