data "telepath_trunks" "patient" {
  timeouts = { read = "10m" }
}
