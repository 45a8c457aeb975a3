output "all_trunks" {
  value = data.telepath_trunks.all.trunks
}
