"""How other people call their metrics, in which unit, and whether as a gauge or a raw counter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """A metric as it is told: `unit` times what is measured; a counter sums it up."""

    name: str
    unit: float = 1.0
    counter: bool = False


# What is measured, in SI units: cpu in cores, memory and bytes in bytes, times in seconds, disk and
# success as shares, rates per second.
STYLES: dict[str, dict[str, Told]] = {
    "prometheus": {
        "cpu": Told("container_cpu_usage_seconds_total", 15.0, True),
        "memory": Told("container_memory_working_set_bytes"),
        "disk": Told("kubelet_volume_stats_used_ratio"),
        "io": Told("container_fs_writes_bytes_total", 15.0, True),
        "latency": Told("http_server_request_duration_seconds_mean"),
        "slowest": Told("http_server_request_duration_seconds_p99"),
        "errors": Told("http_server_errors_total", 15.0, True),
        "traffic": Told("http_server_requests_total", 15.0, True),
        "received": Told("container_network_receive_bytes_total", 15.0, True),
        "sent": Told("container_network_transmit_bytes_total", 15.0, True),
        "retrans": Told("tcp_retransmits_total", 15.0, True),
        "busy": Told("http_server_requests_in_flight"),
        "age": Told("dataset_freshness_seconds"),
        "rows": Told("dataset_rows_written"),
    },
    "opentelemetry": {
        "cpu": Told("process.cpu.utilization", 0.25),
        "memory": Told("process.memory.usage"),
        "disk": Told("system.filesystem.utilization"),
        "io": Told("process.disk.io"),
        "latency": Told("http.server.duration.avg", 1e3),
        "slowest": Told("http.server.duration.p95", 1e3),
        "errors": Told("http.server.exceptions"),
        "traffic": Told("http.server.request_count"),
        "received": Told("process.network.io.receive"),
        "sent": Told("process.network.io.transmit"),
        "retrans": Told("system.network.packet.dropped"),
        "busy": Told("http.server.active_requests"),
        "age": Told("consumer.lag"),
        "rows": Told("pipeline.rows.out"),
    },
    "cloudwatch": {
        "cpu": Told("CPUUtilization", 25.0),
        "memory": Told("MemoryUtilization", 1e-7),
        "disk": Told("disk_used_percent", 100.0),
        "io": Told("EBSWriteBytes"),
        "latency": Told("TargetResponseTime_Average"),
        "slowest": Told("TargetResponseTime_p99"),
        "errors": Told("HTTPCode_Target_5XX_Count", 60.0),
        "traffic": Told("RequestCount", 60.0),
        "received": Told("NetworkIn", 60.0),
        "sent": Told("NetworkOut", 60.0),
        "retrans": Told("NetworkPacketsDropped", 60.0),
        "busy": Told("ActiveConnectionCount"),
        "age": Told("IteratorAgeMilliseconds", 1e3),
        "rows": Told("RowsWritten"),
    },
    "azure": {
        "cpu": Told("Percentage CPU", 25.0),
        "memory": Told("MemoryWorkingSet"),
        "disk": Told("StoragePercent", 100.0),
        "io": Told("Disk Write Bytes"),
        "latency": Told("HttpResponseTime"),
        "slowest": Told("HttpResponseTime Max"),
        "errors": Told("Http5xx", 60.0),
        "traffic": Told("Requests", 60.0),
        "received": Told("BytesReceived"),
        "sent": Told("BytesSent"),
        "retrans": Told("PacketDropCount"),
        "busy": Told("AppConnections"),
        "age": Told("DataFreshnessMinutes", 1 / 60),
        "rows": Told("RowsProcessed"),
    },
    "datadog": {
        "cpu": Told("docker.cpu.usage", 100.0),
        "memory": Told("docker.mem.rss"),
        "disk": Told("system.disk.in_use"),
        "io": Told("docker.io.write_bytes"),
        "latency": Told("trace.http.request.duration.avg"),
        "slowest": Told("trace.http.request.duration.by.service.99p"),
        "errors": Told("trace.http.request.errors"),
        "traffic": Told("trace.http.request.hits"),
        "received": Told("docker.net.bytes_rcvd"),
        "sent": Told("docker.net.bytes_sent"),
        "retrans": Told("system.net.tcp.retrans_segs"),
        "busy": Told("requests.inflight"),
        "age": Told("kafka.consumer_lag_seconds"),
        "rows": Told("etl.rows_written"),
    },
    "short": {
        "cpu": Told("cpu"),
        "memory": Told("mem"),
        "disk": Told("disk_pct", 100.0),
        "io": Told("diskio"),
        "latency": Told("latency-50", 1e3),
        "slowest": Told("latency-90", 1e3),
        "errors": Told("error"),
        "traffic": Told("load"),
        "received": Told("net_rx"),
        "sent": Told("net_tx"),
        "retrans": Told("pkt_loss"),
        "busy": Told("socket"),
        "age": Told("data_age"),
        "rows": Told("row_count"),
    },
    "camel": {
        "cpu": Told("cpuUtilization", 0.25),
        "memory": Told("heapMemoryUsed"),
        "disk": Told("diskUsage"),
        "io": Told("diskWriteBytes"),
        "latency": Told("avgResponseTime", 1e3),
        "slowest": Told("p95ResponseTime", 1e3),
        "success": Told("successRatePct", 100.0),
        "traffic": Told("throughput"),
        "received": Told("networkBytesIn"),
        "sent": Told("networkBytesOut"),
        "client": Told("clientResponseTime", 1e3),
        "server": Told("serverResponseTime", 1e3),
        "busy": Told("activeThreads"),
        "age": Told("dataStalenessSeconds"),
        "rows": Told("rowsLoaded"),
    },
}
