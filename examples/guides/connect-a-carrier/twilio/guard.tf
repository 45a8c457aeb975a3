# Trunks come and go one at a time. An empty list is more likely a mistake, such as the key of
# another account, and would take every route away.
resource "terraform_data" "routes_guard" {
  lifecycle {
    precondition {
      condition     = length(local.routes) > 0
      error_message = "No active trunk has a SIP username: every route would be destroyed."
    }
  }
}
