"""Read an ordered list in windows that start beside a row: keyset pagination.

A window is found by the values that the list is ordered by, not by how many rows come before. So rows
that come and go elsewhere neither repeat a row nor hide one, and a window far away costs no more.
REST framework's cursors compare the first column alone, and count rows among equal values.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Model, OrderBy, Q, QuerySet

Row = TypeVar("Row", bound=Model)
NEVER = Q(pk__in=[])


class Start(NamedTuple):
    """Where a window starts: beside the row at this position, which may be gone by now."""

    position: Sequence[Any]
    backwards: bool = False
    inclusive: bool = False  # includes the row at the position itself


class _Column(NamedTuple):
    """A column that a list is ordered by."""

    name: str
    descending: bool
    field: Any
    nulls_last: bool | None  # None: it is never NULL

    def ordering(self, *, reverse: bool) -> OrderBy:
        nulls = None if self.nulls_last is None else self.nulls_last != reverse
        return OrderBy(
            F(self.name),
            descending=self.descending != reverse,
            nulls_last=nulls or None,
            nulls_first=(nulls is False) or None,
        )

    def equals(self, value: Any) -> Q:
        return self._is_null() if value is None else Q((self.name, value))

    def is_beyond(self, value: Any, *, backwards: bool) -> Q:
        nulls_follow = self.nulls_last is not None and self.nulls_last != backwards
        if value is None:
            return NEVER if nulls_follow else ~self._is_null()
        beyond = Q((f"{self.name}__{self._comparison(backwards=backwards)}", value))
        return beyond | self._is_null() if nulls_follow else beyond

    def is_bound(self, value: Any, *, backwards: bool) -> Q:
        """Return a condition that follows from the others, for the index on the first column."""
        if self.nulls_last is not None:
            return Q()
        return Q((f"{self.name}__{self._comparison(backwards=backwards)}e", value))

    def _comparison(self, *, backwards: bool) -> str:
        return "lt" if self.descending != backwards else "gt"

    def _is_null(self) -> Q:
        return Q((f"{self.name}__isnull", True))


class KeysetRows(Generic[Row]):
    """An ordered queryset, read in windows. Each window is one query.

    The order is that of the queryset, and then by id. It consists of names of columns, also of other
    tables (`cinema__name`) and annotations. A nullable column says where its NULLs stand.
    """

    def __init__(self, rows: QuerySet[Row]) -> None:
        self._rows = rows

    @property
    def ordering(self) -> str:
        """A name of the list and its order. Positions are good for lists of the same name."""
        columns = (f"{'-' if one.descending else ''}{one.name}" for one in self._columns)
        return f"{self._rows.model._meta.label}:{','.join(columns)}"

    def read(self, start: Start | None, limit: int) -> list[Row]:
        """Return the rows that begin at a start, or that end there if it goes backwards.

        They are in the order of the list. Raises ValueError for a position that is none of this list.
        """
        backwards = start is not None and start.backwards
        rows = self._rows.annotate(
            **{f"_position_{index}": F(one.name) for index, one in enumerate(self._columns)}
        ).order_by(*(one.ordering(reverse=backwards) for one in self._columns))
        if start is not None:
            rows = rows.filter(self._is_beyond(start))
        found = list(rows[:limit])
        return found[::-1] if backwards else found

    def position(self, row: Any) -> list[Any]:
        """Return the position of a row that `read` returned."""
        return [getattr(row, f"_position_{index}") for index in range(len(self._columns))]

    def _is_beyond(self, start: Start) -> Q:
        """Return the condition: some column is beyond its value, and all columns before it are equal."""
        values = self._values(start.position)
        beyond, equal = NEVER, Q()
        for column, value in zip(self._columns, values, strict=True):
            beyond |= equal & column.is_beyond(value, backwards=start.backwards)
            equal &= column.equals(value)
        if start.inclusive:
            beyond |= equal
        return beyond & self._columns[0].is_bound(values[0], backwards=start.backwards)

    def _values(self, position: Sequence[Any]) -> list[Any]:
        try:
            return [
                column.field.to_python(value)
                for column, value in zip(self._columns, position, strict=True)
            ]
        except ValidationError as error:
            raise ValueError(*error.messages) from None

    @cached_property
    def _columns(self) -> list[_Column]:
        query = self._rows.query
        names: Iterable[Any] = query.order_by or query.get_meta().ordering or ()
        columns = [self._column(one) for one in names]
        if any(column.field.primary_key for column in columns[-1:]):
            return columns
        return [*columns, self._column("pk")]

    def _column(self, order: Any) -> _Column:
        if isinstance(order, str):
            order = OrderBy(F(order.lstrip("-")), descending=order.startswith("-"))
        name = order.expression.name
        source = F(name).resolve_expression(self._rows.query.clone(), allow_joins=True)
        field = getattr(source, "target", source.output_field)
        if field.is_relation and not name.endswith(field.attname):
            raise TypeError(f"Django orders by {name} as its model does: name a column.")
        nulls = True if order.nulls_last else False if order.nulls_first else None
        if nulls is None and field.null:
            raise TypeError(f"Where do the NULLs of {name} stand?")
        return _Column(name, order.descending, field, nulls if field.null else None)
