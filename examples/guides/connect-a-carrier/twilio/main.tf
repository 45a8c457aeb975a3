terraform {
  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1"
    }
  }
}

# Without the metrics, which change with every call, a plan changes only when a trunk does.
data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}
