"""The three losses of a forest, each weighted per token, so that the trainer knows no algorithm.

In: `logp_N`, the log-probabilities of the forest's target tokens, and the forest. Out: a loss.

    cross entropy     -w_ce * logp
    policy gradient   -(A+ * min(r, 1 + high) + A- * max(r, 1 - low)),  r = exp(logp - logp_old)
    divergence         w_kl * (exp(d) - d - 1),  d = logp_ref - logp    (Schulman's k3 estimate)

A+ and A- are the sums of the positive and of the negative advantages of the chains through the
token. PPO's `min(r * A, clip(r) * A)` is A * min(r, 1 + high) for A > 0 and A * max(r, 1 - low) for
A < 0, and all chains through a token share its r: so the split is exact, while clipping the plain
sum of the advantages is wrong.

Each loss is divided by its summed weight in the whole accumulation window, not in the forest: the
split of a window into forests then changes nothing.

Shape suffixes: N target tokens.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from training.config import LossConfig
from training.forest import FloatArray, Forest, IntArray


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Summed weights of an accumulation window; 1.0 where a loss has no weight at all."""

    ce: float
    pg: float
    kl: float

    @classmethod
    def of(cls, forests: Iterable[Forest]) -> "Totals":
        """The totals of a window's forests."""
        window = list(forests)
        return cls(
            ce=sum(float(forest.weight_ce_T.sum()) for forest in window) or 1.0,
            pg=sum(float(forest.weight_pg_T.sum()) for forest in window) or 1.0,
            kl=sum(float(forest.weight_kl_T.sum()) for forest in window) or 1.0,
        )


@dataclass(frozen=True, kw_only=True)
class Losses:
    """The parts of a loss, normalised; `total` is what is differentiated."""

    ce: torch.Tensor
    pg: torch.Tensor
    kl: torch.Tensor
    total: torch.Tensor

    def parts(self) -> tuple[float, float, float, float]:
        """(total, ce, pg, kl) as numbers."""
        total, ce, pg, kl = (
            float(part.detach()) for part in (self.total, self.ce, self.pg, self.kl)
        )
        return total, ce, pg, kl


def forest_losses(
    logp_N: torch.Tensor, forest: Forest, target_N: IntArray, totals: Totals, config: LossConfig
) -> Losses:
    """The losses of one forest, as its share of the window that the totals describe."""

    def stream(values_T: FloatArray) -> torch.Tensor:
        return torch.from_numpy(values_T[target_N]).to(logp_N.device, logp_N.dtype)

    ce = -(stream(forest.weight_ce_T) * logp_N).sum() / totals.ce
    sampled_N = stream(forest.weight_pg_T) != 0
    ratio_N = torch.where(sampled_N, logp_N - stream(forest.logp_old_T), 0.0).exp()
    gain_N = stream(forest.adv_pos_T) * ratio_N.clamp(max=1 + config.clip_high)
    gain_N = gain_N + stream(forest.adv_neg_T) * ratio_N.clamp(min=1 - config.clip_low)
    pg = -gain_N.sum() / totals.pg
    weight_kl_N = stream(forest.weight_kl_T)
    gap_N = torch.where(weight_kl_N != 0, stream(forest.logp_ref_T) - logp_N, 0.0)
    kl = (weight_kl_N * (gap_N.exp() - gap_N - 1)).sum() / totals.kl
    return Losses(ce=ce, pg=pg, kl=kl, total=ce + pg + config.kl_coefficient * kl)
