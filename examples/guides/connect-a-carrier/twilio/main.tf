terraform {
  required_version = ">= 1.2"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
    twilio = {
      source  = "twilio/twilio"
      version = "~> 0.18"
    }
  }
}

locals {
  # Compare the host with the URI of a trunk in the Telepath dashboard.
  sip_host = "sip.telepathvoice.com"

  # Replace this with the ID of a trunk in your account.
  known_trunk_id = "conn_abc123xyz"
}

data "telepath_trunks" "all" {
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = contains(self.ids, local.known_trunk_id)
      error_message = "The API key's account has no trunk ${local.known_trunk_id}."
    }

    postcondition {
      condition     = alltrue([for trunk in self.trunks : trunk.sip_username != null])
      error_message = "No SIP username: ${join(", ", [for trunk in self.trunks : trunk.id if trunk.sip_username == null])}."
    }
  }
}

locals {
  trunks = { for trunk in data.telepath_trunks.all.trunks : trunk.id => trunk }
}
