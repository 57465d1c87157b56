"""Layers that were read already in this run: a base image is read and compressed once for all that stand on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from dockerslim.verify.image.layer_content import LayerContent

ENTRIES_LIMIT = 2_000_000
"""Of all layers together: some hundred images."""


class LayerCache:
    """By diff id. The layers not used for the longest are dropped where all of them become too many entries."""

    def __init__(self, entries_limit: int = ENTRIES_LIMIT) -> None:
        self._entries_limit = entries_limit
        self._layers: OrderedDict[str, LayerContent] = OrderedDict()
        self._diff_ids: dict[str, str] = {}
        self._entries = 0
        self._lock = Lock()

    def has(self, digests: Iterable[str], *, compress: bool = False) -> bool:
        """Whether all these layers are known; with `compress`, their compressed sizes too."""
        return all(self.get(digest, compress=compress) is not None for digest in digests)

    def get(self, digest: str, *, compress: bool = False) -> LayerContent | None:
        """The layer of a diff id, or of the digest of a blob that had it compressed."""
        with self._lock:
            diff_id = self._diff_ids.get(digest, digest)
            layer = self._layers.get(diff_id)
            if layer is None or (compress and layer.compressed is None):
                return None
            self._layers.move_to_end(diff_id)
            return layer

    def put(self, diff_id: str, layer: LayerContent, blob: str = "") -> None:
        """Remembers a layer that could be read. `blob` is the digest under which an image's archive has it."""
        if layer.entries is None:
            return
        with self._lock:
            known = self._layers.get(diff_id)
            if known is not None and layer.compressed is None:
                layer = known
            self._drop(diff_id)
            self._layers[diff_id] = layer
            self._entries += _count(layer)
            if blob and blob != diff_id:
                self._diff_ids[blob] = diff_id
            while self._entries > self._entries_limit:
                self._drop(next(iter(self._layers)))

    def _drop(self, diff_id: str) -> None:
        layer = self._layers.pop(diff_id, None)
        if layer is not None:
            self._entries -= _count(layer)


def _count(layer: LayerContent) -> int:
    return len(layer.entries) if layer.entries is not None else 0
