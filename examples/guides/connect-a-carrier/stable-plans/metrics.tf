# Do not write this: it changes with every call.
data "telepath_trunk" "production" {
  sip_username = "agent-prod-01"
}

resource "terraform_data" "production" {
  input = data.telepath_trunk.production
}
