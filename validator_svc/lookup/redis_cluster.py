"""A Redis Cluster as the one server that all else here takes it for.

Scripts change an answer, the claims on it and what a batch paid as one, and a cluster does that within one
slot only. So all keys of the service carry one tag there: a cluster gives it failover, not more room.
"""

from typing import Any

from redis.asyncio.cluster import ClusterPipeline, RedisCluster

PREFIX = "vs:"
TAGGED = "{vs}:"


def tagged(argument: Any) -> Any:
    """An argument of a command, with the tag where it is a key of ours."""
    if isinstance(argument, str) and argument.startswith(PREFIX):
        return TAGGED + argument[len(PREFIX) :]
    return argument


class Pipeline(ClusterPipeline):
    """Commands sent together, with tagged keys."""

    def execute_command(self, *args: Any, **kwargs: Any) -> ClusterPipeline:
        """Take a command."""
        return super().execute_command(*map(tagged, args), **kwargs)


class Cluster(RedisCluster):
    """A cluster, with tagged keys."""

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """Send a command."""
        return await super().execute_command(*map(tagged, args), **kwargs)

    async def ping(self, **_: Any) -> bool:
        """Whether the node that has our keys answers: others may be away. Raises RedisError."""
        await self.exists(PREFIX)
        return True

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Pipeline:
        """Commands to be sent together."""
        return Pipeline(self, transaction)  # type: ignore[abstract]
