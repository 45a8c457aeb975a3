terraform {
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

# Metrics change with every phone call. Without them, a plan changes only when a trunk does.
data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

# Trunks by ID. A trunk without a SIP username cannot receive calls.
locals {
  trunks = {
    for trunk in data.telepath_trunks.active.trunks :
    trunk.id => trunk
    if trunk.sip_username != null
  }
}
