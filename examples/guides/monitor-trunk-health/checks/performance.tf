# Active trunks with a success rate below 95% or a latency above 300 ms.
locals {
  unhealthy_trunks = [
    for trunk in data.telepath_trunks.all.trunks :
    format(
      "%s: success=%v%%, latency=%vms",
      trunk.id, trunk.metrics.success_rate, trunk.metrics.avg_latency_ms,
    )
    if trunk.status == "active" && (
      coalesce(try(trunk.metrics.success_rate, null), 100) < 95 ||
      coalesce(try(trunk.metrics.avg_latency_ms, null), 0) > 300
    )
  ]
}

check "trunk_performance" {
  assert {
    condition     = length(local.unhealthy_trunks) == 0
    error_message = join("\n", local.unhealthy_trunks)
  }
}
