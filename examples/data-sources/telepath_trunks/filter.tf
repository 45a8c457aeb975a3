# Trunks of one AI provider. Any attribute can be filtered by like this.
output "openai_names" {
  value = [
    for trunk in data.telepath_trunks.active.trunks : trunk.name
    if trunk.ai_provider == "openai"
  ]
}
