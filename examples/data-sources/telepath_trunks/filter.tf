output "openai_names" {
  value = [
    for trunk in data.telepath_trunks.all.trunks : trunk.name
    if trunk.ai_provider == "openai"
  ]
}
