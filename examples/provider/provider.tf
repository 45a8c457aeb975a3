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

data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

output "active_ids" {
  value = data.telepath_trunks.active.ids
}
