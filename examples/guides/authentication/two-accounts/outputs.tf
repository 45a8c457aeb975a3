data "telepath_trunks" "production" {
  include_metrics = false
}

output "trunks_by_account" {
  value = {
    production = length(data.telepath_trunks.production.ids)
    staging    = length(data.telepath_trunks.staging.ids)
  }
}
