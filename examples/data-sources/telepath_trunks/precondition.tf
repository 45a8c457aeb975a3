# A list that is empty stops the run before it does any harm.
resource "terraform_data" "routing" {
  input = data.telepath_trunks.active.ids

  lifecycle {
    precondition {
      condition     = length(data.telepath_trunks.active.ids) > 0
      error_message = "No trunk is active, so that no call could be answered."
    }
  }
}
