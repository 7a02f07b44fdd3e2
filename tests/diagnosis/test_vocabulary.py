"""Names of metrics as the trade's tools write them, and what they tell about."""

from __future__ import annotations

import pytest

from chimera.diagnosis.observed import Trouble as T
from chimera.diagnosis.vocabulary import additive, falls, kind_of, kinds_of, parts

TOLD = {
    T.CPU: [
        "container_cpu_usage_seconds_total",
        "CPUUtilization",
        "cpuUtilization",
        "process.cpu.time",
        "container_cpu_cfs_throttled_periods_total",
        "system.load.1",
    ],
    T.MEMORY: [
        "container_memory_working_set_bytes",
        "MemoryUtilization",
        "jvm.heap.used",
        "mem",
        "container_memory_failures_total",
        "docker.mem.rss",
        "memUsed",
        "process_resident_memory_bytes",
    ],
    T.DISK: [
        "node_filesystem_avail_bytes",
        "disk_used_percent",
        "diskio",
        "VolumeReadOps",
        "StoragePercent",
        "container_fs_reads_total",
        "EBSWriteBytes",
        "DiskQueueDepth",
        "syscall_read",
    ],
    T.LATENCY: [
        "TargetResponseTime_p99",
        "http_request_duration_seconds_mean",
        "latency-90",
        "avgResponseTime",
        "SuccessfulRequestLatency",
        "request_time",
        "upstream_rt",
        "HttpResponseTime",
    ],
    T.ERRORS: [
        "HTTPCode5xxCount",
        "HTTPCode_Target_5XX_Count",
        "Http5xx",
        "error",
        "successRatePct",
        "FaultRate",
        "trace.http.request.errors",
        "availability_Average",
        "http_responses_503",
        "ThrottledRequests",
    ],
    T.NETWORK: [
        "tcp_retransmits_total",
        "NetworkPacketsDropped",
        "system.net.tcp.retrans_segs",
        "pkt_loss",
        "container_network_receive_packets_dropped_total",
        "ping_rtt_ms",
    ],
    T.BYTES: [
        "container_network_receive_bytes_total",
        "NetworkIn",
        "BytesReceived",
        "docker.net.bytes_sent",
        "net_rx_bytes",
        "process.network.io.transmit",
    ],
    T.BUSY: [
        "http_server_requests_in_flight",
        "ActiveConnectionCount",
        "db_pool_in_use",
        "jvm_threads",
    ],
    T.TRAFFIC: [
        "RequestCount",
        "http_requests_total",
        "trace.http.request.hits",
        "load",
        "workload_ops",
        "rps",
        "HTTPCode_Target_2XX_Count",
        "successful_requests_count",
        "Invocations",
    ],
    T.DATA: [
        "kafka.consumer_lag_seconds",
        "IteratorAgeMilliseconds",
        "dataset_freshness_seconds",
        "rowsLoaded",
        "null_share",
    ],
    T.HOST: ["node_cpu_rate_pct", "host_memory_used", "machine.load.1"],
    T.OTHER: ["m17", "temperature"],
}


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in TOLD.items() for n in names])
def test_a_name_tells_its_kind(kind: T, name: str) -> None:
    assert kind_of(name) is kind


def test_names_are_taken_apart_where_their_style_does() -> None:
    assert parts("HTTPCode5xxCount") == ("http", "code", "5xx", "count")
    assert parts("latency_Average") == ("latency", "average")
    assert parts("process.cpu.time") == ("process", "cpu", "time")


def test_what_is_told_of_hosts_alone_is_the_services_own() -> None:
    assert kinds_of(["node_cpu_seconds_total", "node_load5"]) == (T.CPU, T.CPU)
    assert kinds_of(["node_cpu_rate_pct", "cpu_rate_pct"]) == (T.HOST, T.CPU)


def test_less_of_some_is_the_trouble_and_quantiles_do_not_add_up() -> None:
    assert falls("node_memory_MemAvailable_bytes")
    assert falls("successRatePct")
    assert not falls("http_errors_total")
    assert additive("latency_Average")
    assert not any(map(additive, ["latency-90", "p95ResponseTime", "duration.by.service.99p"]))
