# The id of a trunk that you know by name.
data "telepath_trunk" "production" {
  name = "Production OpenAI Agent"

  # Metrics change with every call; without them, a plan does not.
  include_metrics = false
}

output "production_id" {
  value = data.telepath_trunk.production.id
}
