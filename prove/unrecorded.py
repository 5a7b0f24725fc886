"""Mutants of what staff do: rights that nobody asks for, and acts that the audit log does not have."""

from prove.edits import AUDIT, RIGHTS, Edit, Mutant

LOG = "audit/log.py"
COUNTER = """    right = Right.SELL

    @docs.create_at_counter
    def post(self, request: Request, show_id: int) -> Response:
        \"\"\"Book seats for a customer, and return the booking with what was recorded of it.\"\"\"
"""

UNRECORDED = [
    Mutant(
        "a right that is not asked for at the show's cinema",
        (RIGHTS,),
        (
            Edit(
                "api/resources/bookings.py",
                f"{COUNTER}        require(request, self.right, cinema_of_show(show_id))\n",
                COUNTER,
            ),
        ),
    ),
    Mutant(
        "a role at one cinema counts at all",
        (RIGHTS,),
        (
            Edit(
                "accounts/permissions.py",
                "return self.everywhere or cinema_id in self.ids",
                "return self.everywhere or bool(self.ids)",
            ),
        ),
    ),
    Mutant(
        "roles are remembered",
        (RIGHTS,),
        (
            Edit(
                "accounts/permissions.py",
                "def cinemas_of(user: User, right: Right) -> Cinemas:\n",
                """_known: dict[tuple[int, Right], Cinemas] = {}


def cinemas_of(user: User, right: Right) -> Cinemas:
    key = user.pk, right
    _known[key] = _known.get(key) or _cinemas_of(user, right)
    return _known[key]


def _cinemas_of(user: User, right: Right) -> Cinemas:
""",
            ),
        ),
        operations=1500,
    ),
    Mutant(
        "a sale leaves no audit entry",
        (AUDIT,),
        (Edit("booking/operations/book.py", "        _audit(booking, quote)\n", ""),),
    ),
    Mutant(
        "a sale is given back as by a customer",
        (AUDIT,),
        (
            Edit(
                "api/resources/bookings.py",
                "        if booking.channel == Channel.COUNTER:\n"
                "            act_as_staff(booking.user_id)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "a role is taken without an audit entry",
        (AUDIT,),
        (
            Edit(
                "accounts/operations/roles.py",
                "    if taken:\n        _record(Action.ROLE_TAKEN",
                "    if not taken:\n        _record(Action.ROLE_TAKEN",
            ),
        ),
    ),
    Mutant(
        "a change of nothing is recorded",
        (AUDIT,),
        (Edit("catalog/operations/audited.py", "    if before != after:\n", "    if before:\n"),),
    ),
    Mutant(
        "an audit entry names another actor",
        (AUDIT,),
        (Edit(LOG, "        actor_id=staff,\n", "        actor_id=staff - 1,\n"),),
    ),
    Mutant(
        "one audit entry in thirty is not written",
        (AUDIT,),
        (
            Edit(
                LOG,
                "    AuditEntry.objects.create(\n",
                "    from random import random\n\n"
                "    (AuditEntry.objects.create if random() > 0.03 else dict)(\n",
            ),
        ),
        operations=1500,
        is_rare=True,
    ),
    Mutant(
        "the audit log is emptied",
        (AUDIT,),
        (
            Edit(
                LOG,
                "    AuditEntry.objects.create(\n",
                "    AuditEntry.objects.filter(action=Action.SOLD).delete()\n"
                "    AuditEntry.objects.create(\n",
            ),
        ),
        sql={
            "sqlite": "DROP TRIGGER audit_entry_no_delete",
            "postgresql": "DROP TRIGGER audit_entry_append_only ON audit_entry",
        },
    ),
]
