# `make demo` applies this configuration against the mock API.
terraform {
  required_version = ">= 1.0"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

provider "telepath" {}

data "telepath_trunks" "all" {}

data "telepath_trunks" "active" {
  status = "active"
}

output "trunks_by_status" {
  description = "Number of trunks, in total and by status."
  value = merge(
    { all = length(data.telepath_trunks.all.trunks) },
    {
      for status, trunks in { for trunk in data.telepath_trunks.all.trunks : coalesce(trunk.status, "unknown") => trunk.id... } :
      status => length(trunks)
    },
  )
}

output "active_ids" {
  description = "IDs of the active trunks."
  value       = data.telepath_trunks.active.ids
}

output "needs_attention" {
  description = "Trunks with a success rate below 95% or an average latency above 300 ms."
  value = {
    for trunk in data.telepath_trunks.all.trunks :
    trunk.id => format("%s: success=%v%%, latency=%vms", coalesce(trunk.name, "(no name)"), trunk.metrics.success_rate, trunk.metrics.avg_latency_ms)
    if trunk.metrics != null && (
      coalesce(try(trunk.metrics.success_rate, null), 100) < 95 ||
      coalesce(try(trunk.metrics.avg_latency_ms, null), 0) > 300
    )
  }
}
