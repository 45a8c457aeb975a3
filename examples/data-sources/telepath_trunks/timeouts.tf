data "telepath_trunks" "patient" {
  timeouts = { read = "10m" }
}

output "patient_ids" {
  value = data.telepath_trunks.patient.ids
}
