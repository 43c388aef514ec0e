"""How sure `label` must be before it says anything. In: nothing. Out: `LabelConfig`."""

from dataclasses import dataclass

from schemas.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class LabelConfig:
    """When a label is sure enough; under either limit the row keeps no label."""

    min_confidence: float = 0.5
    """Share of the best label among all eight, 0 to 1, under which `label` abstains."""
    min_margin: float = 0.15
    """How far the best label's share must lie over the second's."""

    def __post_init__(self) -> None:
        for name in ("min_confidence", "min_margin"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise ConfigError(f"label.{name}: {value} is not between 0 and 1")
