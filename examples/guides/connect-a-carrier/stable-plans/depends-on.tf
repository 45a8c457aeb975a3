# Avoid this: when the carrier changes, the IDs are known after apply.
data "telepath_trunks" "with_depends_on" {
  include_metrics = false

  depends_on = [terraform_data.carrier]
}

resource "terraform_data" "with_depends_on" {
  input = data.telepath_trunks.with_depends_on.ids
}
