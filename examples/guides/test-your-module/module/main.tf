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

variable "known_trunk_id" {
  type    = string
  default = "conn_abc123xyz"
}

data "telepath_trunk" "main" {
  name            = var.trunk_name
  include_metrics = false
}

data "telepath_trunks" "all" {
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = contains(self.ids, var.known_trunk_id)
      error_message = "The API key's account has no trunk ${var.known_trunk_id}."
    }

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
