"""The whole workflow on one screen: one graph run takes one paper from its name to a kept post.

Five patterns: a chain of prompts (brief, outline, sections, assemble), routing by the brief, parallel workers for the
sections (and for notes on a paper that is too long to be read at once), an orchestrator that plans them (outline), and
an evaluator loop (check, judge, repair) with a cap. The reviews are fetched beside the brief, and a paper without them
goes on. No agent decides the flow.
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import RetryPolicy

from pipeline import nodes, routes
from pipeline.deps import Deps
from pipeline.state import PartTask, SectionTask, State
from store.errors import RazborError

Graph = CompiledStateGraph[State, Deps, State, State]


def is_retryable(error: Exception) -> bool:
    """LangGraph's own predicate retries refused requests and skips time-outs; our errors know better."""
    return isinstance(error, RazborError) and error.retryable


RETRY = RetryPolicy(max_attempts=3, initial_interval=5.0, max_interval=60.0, retry_on=is_retryable)


def build_graph(checkpointer: BaseCheckpointSaver[Any] | None = None, retry: RetryPolicy = RETRY) -> Graph:
    """Wire the stations. Every station is checkpointed, so a killed run repeats at most the call in flight."""
    graph = StateGraph(State, context_schema=Deps)
    graph.set_node_defaults(retry_policy=retry)

    graph.add_node("fetch", nodes.fetch)
    graph.add_node("read", nodes.read)
    graph.add_node("condense", nodes.condense, input_schema=PartTask)
    graph.add_node("reviews", nodes.reviews)
    graph.add_node("brief", nodes.brief)
    graph.add_node("route", nodes.route)
    graph.add_node("outline", nodes.outline)
    graph.add_node("write_section", nodes.write_section, input_schema=SectionTask)
    graph.add_node("assemble", nodes.assemble)
    graph.add_node("check", nodes.check)
    graph.add_node("judge", nodes.judge)
    graph.add_node("repair", nodes.repair)
    graph.add_node("keep", nodes.keep)

    graph.add_edge(START, "fetch")
    graph.add_edge("fetch", "read")
    graph.add_conditional_edges("read", routes.send_parts, ["condense", "brief"])
    graph.add_edge("read", "reviews")
    graph.add_edge("condense", "brief")
    # Both halves of a join must be plain edges, and the one to the outline is a choice; so the reviews join before it.
    graph.add_edge(["brief", "reviews"], "route")
    graph.add_conditional_edges("route", routes.worth_a_post)
    graph.add_conditional_edges("outline", routes.send_sections, ["write_section"])
    graph.add_edge("write_section", "assemble")
    graph.add_edge("assemble", "check")
    graph.add_conditional_edges("check", routes.after_check)
    graph.add_edge("repair", "check")
    graph.add_conditional_edges("judge", routes.after_judge)
    graph.add_edge("keep", END)
    return graph.compile(checkpointer=checkpointer)
