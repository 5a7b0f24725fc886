"""What the forms of the admin send besides what a test is about."""

NO_ROLES = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
