# Do not write this either: whenever the carrier changes, the trunks are read while applying
# only, and whatever uses them is planned as "known after apply".
data "telepath_trunks" "late" {
  include_metrics = false

  depends_on = [terraform_data.carrier]
}

resource "terraform_data" "late" {
  input = data.telepath_trunks.late.ids
}
