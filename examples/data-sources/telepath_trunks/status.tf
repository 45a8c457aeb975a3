data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

output "active_ids" {
  value = data.telepath_trunks.active.ids
}
