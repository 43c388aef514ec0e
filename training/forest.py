"""Token forests: many token sequences, each shared prefix stored once.

In: chains (a sequence and what each of its tokens weighs). Out: a Forest, arrays in depth-first
order that every training stage trains on.

    merge([Chain.of([5, 6, 7], weight_ce=1.0), Chain.of([5, 6, 8, 9], weight_ce=1.0)])
      tok    5 6 7 8 9      parent  -1 0 1 1 3      pos  0 1 2 2 3      end  5 5 3 5 5
      weight_ce 0 2 1 1 1   (token 5 has nothing before it that could predict it)

Query q sees key k exactly when `k <= q < end[k]`, so trees packed side by side never see each
other. The logits that predict token t are those at `parent[t]`. A loss that is linear in the
log-probabilities weighs t by the sum over the chains through t (Tree Training, arXiv 2511.00413);
a clipped loss needs the advantages summed by sign, see training/losses.py.

Shape suffixes: N tokens of one chain, T tokens of a forest, S summed streams.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

LOGP_TOLERANCE = 1e-3
"""Two log-probabilities of one token under one policy differ by no more than this (rounding)."""

_SUMMED = ("weight_ce_T", "weight_pg_T", "weight_kl_T", "adv_pos_T", "adv_neg_T")


@dataclass(frozen=True, kw_only=True, eq=False)
class Chain:
    """One token sequence and, per token, what its prediction weighs in each loss."""

    tok_N: IntArray
    weight_ce_N: FloatArray
    """Weight in the cross entropy; 0 for tokens that are context only."""
    weight_pg_N: FloatArray
    """Weight in the policy gradient; 0 where the policy did not produce the token."""
    weight_kl_N: FloatArray
    """Weight in the divergence from the reference policy."""
    advantage_N: FloatArray
    logp_old_N: FloatArray
    """Log-probability under the policy that sampled the token; read where weight_pg is not 0."""

    @classmethod
    def of(
        cls,
        tokens: Sequence[int] | IntArray,
        *,
        weight_ce: npt.ArrayLike = 0.0,
        weight_pg: npt.ArrayLike = 0.0,
        weight_kl: npt.ArrayLike = 0.0,
        advantage: npt.ArrayLike = 0.0,
        logp_old: npt.ArrayLike = 0.0,
    ) -> "Chain":
        """A chain whose streams are given as one number or as one number per token."""
        tok_N = np.asarray(tokens, dtype=np.int64)
        streams = [
            np.broadcast_to(np.asarray(stream, dtype=np.float64), tok_N.shape)
            for stream in (weight_ce, weight_pg, weight_kl, advantage, logp_old)
        ]
        return cls(
            tok_N=tok_N,
            weight_ce_N=streams[0],
            weight_pg_N=streams[1],
            weight_kl_N=streams[2],
            advantage_N=streams[3],
            logp_old_N=streams[4],
        )

    def __len__(self) -> int:
        return len(self.tok_N)

    def summed_SN(self) -> FloatArray:
        """What is added up where chains share a token. The first token is predicted by nothing."""
        streams_SN = np.stack(
            [
                self.weight_ce_N,
                self.weight_pg_N,
                self.weight_kl_N,
                self.weight_pg_N * np.maximum(self.advantage_N, 0.0),
                self.weight_pg_N * np.minimum(self.advantage_N, 0.0),
            ]
        )
        streams_SN[:, :1] = 0.0
        return streams_SN


@dataclass(frozen=True, kw_only=True, eq=False)
class Forest:
    """Token trees in depth-first order. Raises ValueError when the arrays are no such thing."""

    tok_T: IntArray
    parent_T: IntArray
    """The token before t on its path; -1 at roots."""
    pos_T: IntArray
    """Depth, which is the position every chain through t gives it."""
    end_T: IntArray
    """One past the last token of t's subtree."""
    weight_ce_T: FloatArray
    weight_pg_T: FloatArray
    weight_kl_T: FloatArray
    adv_pos_T: FloatArray
    """Sum of the positive advantages of the chains through t."""
    adv_neg_T: FloatArray
    """Sum of the negative advantages of the chains through t."""
    logp_old_T: FloatArray
    logp_ref_T: FloatArray
    """Log-probability under the reference policy; read where weight_kl is not 0."""
    num_chain_tokens: int
    """Tokens that the chains would have unmerged."""

    def __post_init__(self) -> None:
        num_tokens = len(self.tok_T)
        for field in fields(self):
            if field.name.endswith("_T") and getattr(self, field.name).shape != (num_tokens,):
                raise ValueError(f"forest: {field.name} has not one value for each token")
        _check_depth_first(self.parent_T, self.pos_T, self.end_T)

    def __len__(self) -> int:
        return len(self.tok_T)

    def targets(self) -> IntArray:
        """Indices of the tokens that any loss looks at; none of them is a root."""
        streams_ST = np.stack([getattr(self, name) for name in _SUMMED])
        return np.flatnonzero(streams_ST.any(axis=0) & (self.parent_T >= 0))


def merge(chains: Iterable[Chain]) -> Forest:
    """The forest of the chains: tokens with the same path from the root become one.

    The order of the chains does not matter: they are sorted by their tokens, which is depth-first
    order. A sampled token whose log-probability differs from its twin's was sampled by another
    policy; its ratio is another, so the chain forks there and the gradient stays exact.
    """
    ordered = sorted((chain for chain in chains if len(chain)), key=lambda c: c.tok_N.tolist())
    builder = _Builder(sum(len(chain) for chain in ordered))
    for chain in ordered:
        builder.insert(chain)
    return builder.forest()


def join(forests: Sequence[Forest]) -> Forest:
    """Forests side by side as one forest."""
    starts = np.cumsum([0, *(len(forest) for forest in forests)])
    names = [field.name for field in fields(Forest) if field.name.endswith("_T")]
    arrays = {name: np.concatenate([getattr(f, name) for f in forests]) for name in names}
    start_T = np.repeat(starts[:-1], [len(forest) for forest in forests])
    arrays["parent_T"] = np.where(arrays["parent_T"] < 0, -1, arrays["parent_T"] + start_T)
    arrays["end_T"] = arrays["end_T"] + start_T
    return Forest(**arrays, num_chain_tokens=sum(forest.num_chain_tokens for forest in forests))


def pad(forest: Forest, multiple: int) -> Forest:
    """The forest with weightless roots at its end, so that kernels see few different lengths."""
    missing = -len(forest) % multiple
    filler = merge([]) if not missing else join([merge([Chain.of([0])])] * missing)
    return replace(join([forest, filler]), num_chain_tokens=forest.num_chain_tokens)


class _Builder:
    """Grows a forest chain by chain, in the order of their tokens."""

    def __init__(self, capacity: int) -> None:
        self._tok_T, self._parent_T, self._pos_T, self._end_T = np.zeros((4, capacity), np.int64)
        self._summed_ST = np.zeros((len(_SUMMED), capacity))
        self._logp_old_T = np.zeros(capacity)
        self._path_N = np.zeros(0, np.int64)
        self._size = 0
        self._num_chain_tokens = 0

    def insert(self, chain: Chain) -> None:
        shared = self._count_shared(chain)
        first, last = self._size, self._size + len(chain) - shared
        self._end_T[self._path_N[shared:]] = first
        new_N = np.arange(first, last)
        self._path_N = np.concatenate([self._path_N[:shared], new_N])
        self._tok_T[new_N] = chain.tok_N[shared:]
        self._parent_T[new_N] = np.concatenate([[-1], self._path_N])[shared:-1]
        self._pos_T[new_N] = np.arange(shared, len(chain))
        sampled_N = chain.weight_pg_N != 0.0
        self._logp_old_T[self._path_N[sampled_N]] = chain.logp_old_N[sampled_N]
        self._summed_ST[:, self._path_N] += chain.summed_SN()
        self._size = last
        self._num_chain_tokens += len(chain)

    def _count_shared(self, chain: Chain) -> int:
        """Leading tokens of the chain that are on the path of the chain before it."""
        length = min(len(chain), len(self._path_N))
        path_N = self._path_N[:length]
        both_sampled_N = (self._summed_ST[1, path_N] != 0.0) & (chain.weight_pg_N[:length] != 0.0)
        gap_N = np.abs(self._logp_old_T[path_N] - chain.logp_old_N[:length])
        same_N = self._tok_T[path_N] == chain.tok_N[:length]
        same_N &= ~both_sampled_N | (gap_N <= LOGP_TOLERANCE)
        return length if same_N.all() else int(same_N.argmin())

    def forest(self) -> Forest:
        self._end_T[self._path_N] = self._size
        size = self._size
        summed = {name: self._summed_ST[row, :size] for row, name in enumerate(_SUMMED)}
        return Forest(
            tok_T=self._tok_T[:size],
            parent_T=self._parent_T[:size],
            pos_T=self._pos_T[:size],
            end_T=self._end_T[:size],
            logp_old_T=self._logp_old_T[:size],
            logp_ref_T=np.zeros(size),
            num_chain_tokens=self._num_chain_tokens,
            **summed,
        )


def _check_depth_first(parent_T: IntArray, pos_T: IntArray, end_T: IntArray) -> None:
    """Raises ValueError unless each parent is the innermost token whose subtree is still open."""
    open_path: list[int] = []
    for t, (parent, pos, end) in enumerate(
        zip(parent_T.tolist(), pos_T.tolist(), end_T.tolist(), strict=True)
    ):
        while open_path and end_T[open_path[-1]] <= t:
            open_path.pop()
        limit = end_T[open_path[-1]] if open_path else len(end_T)
        if parent != (open_path[-1] if open_path else -1) or not t < end <= limit:
            raise ValueError(f"forest: token {t} breaks depth-first order")
        if pos != len(open_path):
            raise ValueError(f"forest: token {t} is at depth {len(open_path)}, not {pos}")
        open_path.append(t)
