# Every trunk of the account.
data "telepath_trunks" "all" {}

# The active ones only, without the metrics, which change with every call.
data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

output "how_many" {
  value = "${length(data.telepath_trunks.active.ids)} of ${length(data.telepath_trunks.all.ids)} trunks are active."
}
