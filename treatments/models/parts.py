"""What every row of a protocol has in common."""

from dataclasses import fields
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from treatments.models.protocols import Protocol
from treatments.models.seals import part_seal
from treatments.models.sources import Source, Vouched, one_of, source_field


class ProtocolPart(Vouched):
    """A row of a protocol: in order, with its source, sealed with its protocol."""

    value_class: ClassVar[type[Any]]

    protocol = models.ForeignKey(Protocol, models.CASCADE, verbose_name=_("protocol"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    source = source_field()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
        constraints = [
            *Vouched.Meta.constraints,
            one_of("%(class)s_source_is_known", "source", Source.values),
        ]
        triggers = [part_seal()]

    def as_value(self) -> Any:
        """The row as a value of its pure class, whose fields are its columns."""
        facts = {f.name: self._fact(f.name) for f in fields(self.value_class)}
        return self.value_class(**facts)

    def in_words(self) -> str:
        """The value as a person reads it."""
        raise NotImplementedError

    def _fact(self, name: str) -> Any:
        fact = getattr(self, name)
        return tuple(fact) if isinstance(fact, list) else fact


def once_each(model: str, field: str, message: Any) -> models.UniqueConstraint:
    """No protocol has two rows of `model` with the same `field`."""
    return models.UniqueConstraint(
        name=f"{model}_{field}_once",
        fields=["protocol", field],
        nulls_distinct=False,
        violation_error_message=message,
    )
