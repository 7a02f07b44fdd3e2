"""The topology that diagnosis walks: services and data pipelines as one graph."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chimera.domain.base import Value
from chimera.domain.objectives import Objective


class Node(Value):
    """A service, a pipeline step or a dataset."""

    name: str
    kind: Literal["service", "step", "dataset", "store", "external"] = "service"
    tier: int = 3  # 1 is what users feel first
    owner: str = ""
    description: str = ""
    calls: tuple[str, ...] = ()  # symptoms travel from the callee to the caller
    reads: tuple[str, ...] = ()  # datasets; symptoms travel downstream
    writes: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()  # allowed here; empty means none
    links: dict[str, str] = Field(default_factory=dict)


class Estate(Value):
    """Everything that Chimera watches, by name."""

    name: str = "estate"
    environment: str = "default"
    nodes: tuple[Node, ...] = ()
    slos: tuple[Objective, ...] = ()

    def node(self, name: str) -> Node | None:
        return next((n for n in self.nodes if n.name == name), None)

    def causes_of(self, name: str) -> tuple[str, ...]:
        """Direct neighbours whose trouble becomes this node's: callees, inputs, writers."""
        node = self.node(name)
        if node is None:
            return ()
        writers = tuple(n.name for n in self.nodes if name in n.writes)
        return (*node.calls, *node.reads, *writers)

    def felt_by(self, name: str) -> tuple[str, ...]:
        """Everything downstream that a trouble of this node may reach, nearest first."""
        reached: list[str] = []
        frontier = [name]
        while frontier:
            here = frontier.pop(0)
            for other in self.nodes:
                if here in self.causes_of(other.name) and other.name not in (*reached, name):
                    reached.append(other.name)
                    frontier.append(other.name)
        return tuple(reached)

    def way(self, cause: str, felt: str) -> tuple[str, ...]:
        """The shortest way on which a trouble travels from one node to another, both included.

        Empty where there is none.
        """
        came: dict[str, str] = {cause: ""}
        frontier = [cause]
        while frontier and felt not in came:
            here = frontier.pop(0)
            for other in self.nodes:
                if other.name not in came and here in self.causes_of(other.name):
                    came[other.name] = here
                    frontier.append(other.name)
        if felt not in came:
            return ()
        found = [felt]
        while came[found[-1]]:
            found.append(came[found[-1]])
        return tuple(reversed(found))

    def is_product(self, name: str) -> bool:
        """Whether it is a dataset that nobody in the estate reads: people do."""
        node = self.node(name)
        read = any(name in other.reads for other in self.nodes)
        return node is not None and node.kind == "dataset" and not read
