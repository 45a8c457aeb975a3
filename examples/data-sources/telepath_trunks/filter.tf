data "telepath_trunks" "all" {
  include_metrics = false
}

output "openai_names" {
  value = [
    for trunk in data.telepath_trunks.all.trunks : trunk.name
    if trunk.ai_provider == "openai"
  ]
}

# A status that Telepath added after this version of the provider.
output "suspended_ids" {
  value = [
    for trunk in data.telepath_trunks.all.trunks : trunk.id
    if trunk.status == "suspended"
  ]
}
