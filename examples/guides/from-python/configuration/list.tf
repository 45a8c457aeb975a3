data "telepath_trunks" "active" {
  status = "active"
}

output "found" {
  value = "Found ${length(data.telepath_trunks.active.ids)} trunks"
}

output "listed" {
  value = [
    for trunk in data.telepath_trunks.active.trunks :
    "${trunk.id}: ${coalesce(trunk.name, "(no name)")} (${trunk.status})"
  ]
}
