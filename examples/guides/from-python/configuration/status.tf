data "telepath_trunks" "error" {
  status = "error"
}

output "attention" {
  value = "${length(data.telepath_trunks.error.ids)} trunks need attention"
}
