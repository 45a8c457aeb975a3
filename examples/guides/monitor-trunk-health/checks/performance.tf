# Active trunks with a success rate below 95% or an average latency above 300 ms.
check "trunk_performance" {
  data "telepath_trunks" "active" {
    status = "active"
  }

  assert {
    condition = alltrue([
      for trunk in data.telepath_trunks.active.trunks :
      coalesce(try(trunk.metrics.success_rate, null), 100) >= 95 &&
      coalesce(try(trunk.metrics.avg_latency_ms, null), 0) <= 300
    ])
    error_message = join("\n", [
      for trunk in data.telepath_trunks.active.trunks :
      format("%s: success=%v%%, latency=%vms", trunk.id, trunk.metrics.success_rate, trunk.metrics.avg_latency_ms)
      if coalesce(try(trunk.metrics.success_rate, null), 100) < 95 ||
      coalesce(try(trunk.metrics.avg_latency_ms, null), 0) > 300
    ])
  }
}
