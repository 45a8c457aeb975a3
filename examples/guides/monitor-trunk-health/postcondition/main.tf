terraform {
  required_version = ">= 1.2"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

data "telepath_trunks" "error" {
  status          = "error"
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = length(self.ids) == 0
      error_message = "In error: ${join(", ", self.ids)}."
    }
  }
}

output "trunks_in_error" {
  value = data.telepath_trunks.error.ids
}
