resource "terraform_data" "guard" {
  lifecycle {
    precondition {
      condition     = length(local.trunks) > 0
      error_message = "No active trunk has a SIP username. Check the account of the API key."
    }
  }
}
