terraform {
  required_version = ">= 1.0"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

# The API key comes from the environment variable TELEPATH_API_KEY.
provider "telepath" {}

# Metrics change with every phone call.
data "telepath_trunks" "all" {
  include_metrics = false
}

output "active_ids" {
  value = [
    for trunk in data.telepath_trunks.all.trunks : trunk.id
    if trunk.status == "active"
  ]
}
