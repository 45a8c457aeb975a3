terraform {
  required_version = ">= 1.4"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

# Compare the host with the URI of a trunk in the Telepath dashboard.
locals {
  sip_host = "sip.telepathvoice.com"
}

variable "trunk_name" {
  type    = string
  default = "Production OpenAI Agent"
}

# Fails if the key belongs to an account without this trunk.
data "telepath_trunk" "main" {
  name            = var.trunk_name
  include_metrics = false
}

data "telepath_trunks" "all" {
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = alltrue([for trunk in self.trunks : trunk.sip_username != null])
      error_message = "No SIP username: ${join(", ", [for trunk in self.trunks : trunk.id if trunk.sip_username == null])}."
    }
  }
}

resource "terraform_data" "route" {
  for_each = { for trunk in data.telepath_trunks.all.trunks : trunk.id => trunk.sip_username }

  input = "sip:${each.value}@${local.sip_host}"
}

output "main_uri" {
  value = "sip:${data.telepath_trunk.main.sip_username}@${local.sip_host}"
}

output "active_ids" {
  value = [for trunk in data.telepath_trunks.all.trunks : trunk.id if trunk.status == "active"]
}
