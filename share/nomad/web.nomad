# A web server, two of it, replaced one by one.  Needs the release "busybox":
# "gaol bootstrap busybox" on each client.
job "web" {
  datacenters = ["dc1"]
  type        = "service"

  update {
    max_parallel = 1
    canary       = 1
    auto_promote = true
  }

  group "web" {
    count = 2

    network {
      port "http" {}
    }

    task "httpd" {
      driver       = "gaol"
      kill_signal  = "SIGTERM"
      kill_timeout = "10s"

      config {
        release      = "busybox"
        command      = "httpd"
        args         = ["-f", "-p", "${NOMAD_PORT_http}", "-h", "/local"]
        network_mode = "host"
      }

      template {
        data        = "hello from {{ env \"NOMAD_ALLOC_ID\" }}\n"
        destination = "local/index.html"
      }

      resources {
        cpu    = 100
        memory = 32
      }
    }
  }
}
