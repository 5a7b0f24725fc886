"""The states and categories that rules decide by. Importing them loads no database."""

from marquee.core.choices import Choices


class SeatCategory(Choices):
    """A pricing and comfort group."""

    STANDARD = "standard", "Standard"
    PREMIUM = "premium", "Premium"
    RECLINER = "recliner", "Recliner"


class SeatKind(Choices):
    """What a seat is for. A wheelchair space has no chair; a companion seat is beside one."""

    STANDARD = "standard", "Standard"
    WHEELCHAIR = "wheelchair", "Wheelchair space"
    COMPANION = "companion", "Companion seat"


class ShowPhase(Choices):
    """What a show is at the moment, by its state and the clock."""

    UPCOMING = "upcoming", "Upcoming"
    RUNNING = "running", "Running"
    OVER = "over", "Over"
    CALLED_OFF = "called_off", "Called off"


class SingleGaps(Choices):
    """What a cinema does about a choice of seats that would leave one seat alone."""

    OFF = "off", "Ignore them"
    ADVISE = "advise", "Advise another choice on the storefront"
    REFUSE = "refuse", "Refuse them while a better choice exists"


class ShowState(Choices):
    """Whether the show goes ahead."""

    SCHEDULED = "scheduled", "Scheduled"
    CALLED_OFF = "called_off", "Called off"
