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

data "telepath_trunks" "all" {}

output "first_trunk" {
  description = "The oldest trunk, null if the account has none."
  value       = try(data.telepath_trunks.all.trunks[0], null)
}

output "trunks_by_status" {
  description = "Number of trunks by status."
  value = {
    for status, ids in { for trunk in data.telepath_trunks.all.trunks : coalesce(trunk.status, "unknown") => trunk.id... } :
    status => length(ids)
  }
}
