resource "terraform_data" "guard" {
  lifecycle {
    precondition {
      condition     = length(local.sip_usernames) > 0
      error_message = "No active trunk has a SIP username. Check that TELEPATH_API_KEY belongs to the right account."
    }
  }
}
