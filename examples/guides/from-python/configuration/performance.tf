output "alerts" {
  value = [
    for trunk in data.telepath_trunks.all.trunks :
    format(
      "ALERT: %s — success=%v%%, latency=%vms",
      coalesce(trunk.name, "(no name)"),
      trunk.metrics.success_rate,
      trunk.metrics.avg_latency_ms,
    )
    if coalesce(try(trunk.metrics.success_rate, null), 100) < 95 ||
    coalesce(try(trunk.metrics.avg_latency_ms, null), 0) > 300
  ]
}
