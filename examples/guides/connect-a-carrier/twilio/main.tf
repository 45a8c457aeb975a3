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
  # Compare this host with the URI that the Telepath dashboard shows for a trunk.
  sip_host = "sip.telepathvoice.com"

  # Replace this with the ID of a trunk in your account.
  known_trunk_id = "conn_abc123xyz"
}

# Metrics change with every phone call. Without them, a plan changes only when a trunk does.
data "telepath_trunks" "all" {
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = contains(self.ids, local.known_trunk_id)
      error_message = "The account has no trunk ${local.known_trunk_id}. Check the account of the API key."
    }
  }
}

# Trunks by ID. A trunk without a SIP username cannot receive calls.
locals {
  trunks = {
    for trunk in data.telepath_trunks.all.trunks :
    trunk.id => trunk
    if trunk.sip_username != null
  }
}
