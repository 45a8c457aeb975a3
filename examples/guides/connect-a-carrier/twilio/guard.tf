resource "terraform_data" "guard" {
  lifecycle {
    precondition {
      condition     = length(local.sip_usernames) > 0
      error_message = "No active trunk has a SIP username. Check the account of the API key."
    }
  }
}
