output "needs_attention" {
  value = [
    for trunk in data.telepath_trunks.all.trunks : trunk.id
    if trunk.status == "inactive" || trunk.status == "error"
  ]
}
