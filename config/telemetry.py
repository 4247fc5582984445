"""Where a process tells its numbers: the SDK's own and ours, as Prometheus reads them."""

from __future__ import annotations

from datetime import timedelta

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from config.settings import Settings


def build_runtime(settings: Settings, *, heartbeat: timedelta | None = None) -> Runtime:
    """Return a runtime with Prometheus metrics, where a port is set.

    Args:
        heartbeat: how often the process's workers say that they are there, where it has any.
    """
    metrics = (
        PrometheusConfig(
            bind_address=f"{settings.health_host}:{settings.metrics_port}",
            counters_total_suffix=True,
            durations_as_seconds=True,
        )
        if settings.metrics_port is not None
        else None
    )
    return Runtime(telemetry=TelemetryConfig(metrics=metrics), worker_heartbeat_interval=heartbeat)
