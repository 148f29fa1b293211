"""Where the arrow keys lead: along wires in the direction of the picture, and from branch to branch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from designer.canvas.drawing.node import Node
from designer.canvas.drawing.scene import Scene

Direction: TypeAlias = Literal["left", "right", "up", "down"]
_TURNED: dict[Direction, Direction] = {"left": "up", "up": "left", "right": "down", "down": "right"}


def step(scene: Scene, id: str, direction: Direction) -> str | None:
    """Return the layer that an arrow key leads to from another, or None.

    Left and right follow the flow of data, which in every other row runs to the left; up and down lead to
    layers that share a neighbour, or else to the neighbours above and below. Where data flows down, it is the other
    way round.
    """
    node = scene.nodes[id]
    if node.direction == "down":
        direction = _TURNED[direction]
    if direction in ("left", "right"):
        onward = (direction == "right") != node.mirrored
        return _nearest(scene, node, scene.fed_by(id) if onward else scene.sources_of(id))
    siblings = [other for one in scene.sources_of(id) for other in scene.fed_by(one)]
    siblings += [other for one in scene.fed_by(id) for other in scene.sources_of(one)]
    way = 1 if direction == "down" else -1
    for others in (siblings, [*scene.sources_of(id), *scene.fed_by(id)]):
        beyond = [other for other in others if (scene.nodes[other].line - node.line) * way > 1]
        if beyond:
            return _nearest(scene, node, beyond)
    return None


def _nearest(scene: Scene, node: Node, ids: Iterable[str]) -> str | None:
    def away(id: str) -> tuple[float, float]:
        other = scene.nodes[id]
        return abs(other.line - node.line), abs(other.middle - node.middle)

    return min((id for id in ids if id != node.id), key=away, default=None)
