# The ID of a trunk, null if the trunk does not exist.
output "fallback_id" {
  value = one([
    for trunk in data.telepath_trunks.all.trunks : trunk.id
    if trunk.name == "Fallback Agent"
  ])
}
