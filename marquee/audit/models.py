"""The audit log. It names everything by plain ids, so that nothing it is about depends on it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from marquee.audit.states import Action, Subject


class AuditEntry(models.Model):
    """What a member of staff, or an operator of the server, did, in the transaction that did it. Triggers refuse to change the log.

    Entries have ids instead of names, so an account that is closed leaves no personal data here.
    """

    at = models.DateTimeField()
    # None: an operator of the server, who has no account here. `through` is the command, and who ran it.
    actor_id = models.BigIntegerField("by", null=True)
    through = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=20, choices=Action.choices)
    # None: it concerns all cinemas, or none.
    cinema_id = models.BigIntegerField("cinema", null=True)
    subject_kind = models.CharField("what", max_length=20, choices=Subject.choices)
    subject_id = models.CharField("its id", max_length=40)  # a ticket type's is its code
    # By field: the value before and the value after. Both are null where no value may be kept.
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_entry"
        ordering = ["-at", "-id"]
        verbose_name = "entry of the audit log"
        verbose_name_plural = "entries of the audit log"
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_id__isnull=False, through="") | Q(actor_id=None) & ~Q(through=""),
                name="audit_entry_names_who_did_it",
            )
        ]
        indexes = [
            models.Index(fields=["at"], name="audit_entry_by_time"),
            models.Index(fields=["cinema_id", "at"], name="audit_entry_by_cinema"),
            models.Index(fields=["actor_id", "at"], name="audit_entry_by_actor"),
            models.Index(fields=["subject_kind", "subject_id"], name="audit_entry_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.get_subject_kind_display()} {self.subject_id}"
