"""An inverted index of hashes. In: ragged hashes per owner. Out: which owners share some.

    index = HashIndex(hashes, owners)      hashes[i] belongs to owners[i]
    found = index.find(windows)            sorted distinct indices into index.table
    index.count(found)                     per owner, how many of its entries are found

A sorted table with a bitmap in front, so that a hash of none of the owners costs a few ns.
"""

import numpy as np

from transforms.decontaminate.kernels import count_owners, look_up, make_bitmap
from transforms.dedup.arrays import I64, U64, Flags


class HashIndex:
    """Hashes of `num_owners` owners; those that more than `max_owners` share are never found."""

    def __init__(self, hashes: U64, owners: I64, num_owners: int, max_owners: int) -> None:
        pairs = np.unique(np.stack([hashes, owners.astype(np.uint64)], axis=1), axis=0)
        values, num_sharing = np.unique(pairs[:, 0], return_counts=True)
        self.table: U64 = values[num_sharing <= max_owners]
        self.num_owners = num_owners
        self._bitmap = make_bitmap(self.table)
        pairs = pairs[np.isin(pairs[:, 0], self.table)]
        self._owners = pairs[:, 1].astype(np.int64)
        self._firsts = np.searchsorted(
            pairs[:, 0], np.append(self.table, np.uint64(2**64 - 1)), side="left"
        ).astype(np.int64)
        self._firsts[-1] = len(pairs)

    def places(self, windows: U64) -> I64:
        """For each hash its index in `table`, or -1."""
        return np.asarray(look_up(windows, self.table, self._bitmap))

    def find(self, windows: U64) -> I64:
        """The distinct indices that are there, sorted."""
        places = self.places(windows)
        return np.unique(places[places >= 0])

    def count(self, found: I64) -> I64:
        """Per owner, how many of its distinct hashes are found."""
        counts = np.zeros(self.num_owners, np.int64)
        count_owners(found, self._firsts, self._owners, counts)
        return counts

    def sizes(self) -> I64:
        """Per owner, how many distinct hashes it has here."""
        return np.bincount(self._owners, minlength=self.num_owners).astype(np.int64)

    def flags(self, found: I64) -> Flags:
        """For each hash of the table whether it is found."""
        flags = np.zeros(len(self.table) + 1, np.bool_)
        flags[found] = True
        return flags
