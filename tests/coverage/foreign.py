"""Somebody's own platform: names, labels and habits that Chimera's practice company has not."""

from __future__ import annotations

import numpy as np

from tests.coverage.recorded import Floats, Past

EDGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SHOPS = ("cart", "search", "billing")


def foreign(times: Floats, seed: int = 7, most: int = 30) -> Past:
    """OpenTelemetry services, a gRPC one, workers, a mesh of traces, exporters, and a flood of labels."""
    random = np.random.default_rng(seed)
    past, size = Past(times), times.size
    for number, name in enumerate(SHOPS):
        here = {"job": "otel", "exported_job": name, "instance": f"10.0.0.{number}:9464"}
        past.add("up", 1.0, job="otel", instance=here["instance"])
        for status, often in (("200", 60), ("404", 2), ("503", 1)):
            past.histogram(
                "http_server_request_duration_seconds", EDGES, random.poisson(often, size),
                0.04 * (number + 1), http_response_status_code=status, **here,
            )  # fmt: skip
        past.add("process_resident_memory_bytes", 3e8 + random.normal(0, 2e6, size), **here)
        past.add("process_cpu_seconds_total", np.cumsum(random.uniform(1, 2, size)), **here)
    for client, server in (("cart", "billing"), ("cart", "search"), ("billing", "ledger-db")):
        kind = {"connection_type": "database"} if server == "ledger-db" else {}
        graph = {"client": client, "server": server, "job": "tempo", **kind}
        past.add("traces_service_graph_request_total", np.cumsum(random.poisson(30, size)), **graph)
        past.add("traces_service_graph_request_failed_total", 0.0, **graph)
    rpc = {"job": "grpc", "app": "quotes", "instance": "10.0.1.1:9090"}
    past.add("up", 1.0, job="grpc", app="quotes", instance="10.0.1.1:9090")
    for code, often in (("OK", 40), ("Internal", 1)):
        counted = np.cumsum(random.poisson(often, size))
        past.add("grpc_server_handled_total", counted, grpc_code=code, grpc_method="Get", **rpc)
    work = {"job": "workers", "instance": "10.0.2.1:80"}
    past.add("up", 1.0, **work)
    for state in ("completed", "failed"):
        counted = np.cumsum(random.poisson(20 if state == "completed" else 1, size))
        past.add("mail_jobs_processed_total", counted, state=state, **work)
    past.add("mail_queue_depth", random.poisson(8, size) * 1.0, **work)
    past.add("mail_connections_in_use", random.poisson(8, size) * 1.0, **work)
    past.add("mail_connections_max", 40.0, **work)
    disk = {"job": "node", "instance": "host-1:9100", "mountpoint": "/", "fstype": "ext4"}
    past.add("up", 1.0, job="node", instance="host-1:9100")
    past.add("node_filesystem_avail_bytes", 4e10, **disk)
    past.add("node_filesystem_size_bytes", 1e11, **disk)
    past.add(
        "node_filesystem_avail_bytes", 1e6, **{**disk, "mountpoint": "/run", "fstype": "tmpfs"}
    )
    past.add("pg_stat_database_numbackends", 12.0, job="pg", instance="db:9187", datname="shop")
    past.add("pg_settings_max_connections", 100.0, job="pg", instance="db:9187")
    past.add("pg_up", 1.0, job="pg", instance="db:9187")
    past.add("up", 1.0, job="pg", instance="db:9187")
    every = max(round(120 / (times[1] - times[0])), 1)
    seldom = np.where(np.arange(size) % every == 0, 1.0, np.nan)
    past.add("up", seldom, job="nightly", instance="batch:1")
    past.add("nightly_backlog", 3.0 * seldom, job="nightly", instance="batch:1")
    probed = {"job": "blackbox", "instance": "https://shop.example"}
    past.add("up", seldom, **probed)  # more seldom than everything else, and enough for this
    past.add("probe_ssl_earliest_cert_expiry", times[0] + 9 * 86400 + 0 * times, **probed)
    for kind, amount in (("used", 31.0), ("hard", 40.0)):
        quota = {"namespace": "shops", "resourcequota": "most", "resource": "pods", "type": kind}
        past.add("kube_resourcequota", amount, job="kube-state-metrics", **quota)
    past.add("up", 1.0, job="kube-state-metrics")
    for user in range(most):
        past.add("visits_requests_total", 5.0, job="otel", user=f"u{user}", code="200")
    past.add("warp_core_flux", 1.0, job="otel")
    return past
