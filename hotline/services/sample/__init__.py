"""People who do not exist: their names by country of birth, how names are put together, and how records spoil them."""
