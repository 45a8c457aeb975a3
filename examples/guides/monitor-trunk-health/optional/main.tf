terraform {
  required_version = ">= 1.5"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

check "trunk_status" {
  data "telepath_trunks" "error" {
    status          = "error"
    include_metrics = false
  }

  assert {
    condition     = length(data.telepath_trunks.error.ids) == 0
    error_message = "In error: ${join(", ", data.telepath_trunks.error.ids)}."
  }
}
